DROP TABLE product_import_rows;
DROP TABLE product_imports;
