DROP TABLE market_variants, market_words, market_listings, market_sellers;
DROP TABLE stock_movements, stock_reservations, product_variants, products, categories;
DROP FUNCTION IF EXISTS market_guard(), market_words_guard();
