DROP TABLE invoice_lines, invoices, subscriptions, plan_meters, plans;
