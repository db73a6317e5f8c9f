DROP TABLE shipment_lines, shipments, order_timeline, order_parties, order_lines, orders, order_counters;
