//! Product promotion: products, stock, market search.
