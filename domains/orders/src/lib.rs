//! Trade: orders, shipments, receipt.
