-- Orders live in their seller's tenant; each party has a row of its own that says where.

CREATE TABLE order_counters (
    tenant_id uuid PRIMARY KEY,
    last_number bigint NOT NULL CHECK (last_number > 0)
);
CALL tenant_table('order_counters', 'SELECT, INSERT, UPDATE');

CREATE TABLE orders (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    number bigint NOT NULL,
    status text NOT NULL CHECK (status IN ('awaiting_payment', 'paid', 'partially_shipped', 'shipped', 'completed',
        'cancelled', 'refunded')),
    buyer_tenant_id uuid NOT NULL,
    buyer_name text NOT NULL,
    seller_name text NOT NULL,
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    subtotal bigint NOT NULL CHECK (subtotal > 0),
    shipping bigint NOT NULL CHECK (shipping >= 0),
    tax bigint NOT NULL CHECK (tax >= 0),
    total bigint NOT NULL,
    refunded bigint NOT NULL DEFAULT 0,
    -- The platform's share when the order completes, in hundredths of a percent, as agreed when it was placed.
    commission_basis_points bigint NOT NULL CHECK (commission_basis_points BETWEEN 0 AND 10000),
    shipping_address jsonb NOT NULL,
    note text,
    po_number text,
    placed_at timestamptz NOT NULL,
    -- Cancelled by itself when unpaid at this time.
    pay_by timestamptz NOT NULL,
    -- Receipt counts as confirmed at this time; set when everything is shipped.
    confirm_by timestamptz,
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, number),
    CHECK (total = subtotal + shipping + tax),
    CHECK (refunded BETWEEN 0 AND total)
);
CALL tenant_table('orders', 'SELECT, INSERT, UPDATE', platform => true);

CREATE TABLE order_lines (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    position smallint NOT NULL,
    product_id uuid NOT NULL,
    variant_id uuid NOT NULL,
    sku text NOT NULL,
    title text NOT NULL,
    unit text NOT NULL,
    quantity bigint NOT NULL CHECK (quantity > 0),
    unit_price bigint NOT NULL CHECK (unit_price >= 0),
    total bigint NOT NULL,
    shipped bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, order_id, position),
    FOREIGN KEY (tenant_id, order_id) REFERENCES orders (tenant_id, id),
    CHECK (total = unit_price * quantity),
    CONSTRAINT order_lines_shipped CHECK (shipped BETWEEN 0 AND quantity)
);
CALL tenant_table('order_lines', 'SELECT, INSERT, UPDATE', platform => true);

-- A party's own record of an order: its role, and who the other party is.
CREATE TABLE order_parties (
    tenant_id uuid NOT NULL,
    order_id uuid NOT NULL,
    role text NOT NULL CHECK (role IN ('buyer', 'seller')),
    other_tenant_id uuid NOT NULL CHECK (other_tenant_id <> tenant_id),
    PRIMARY KEY (tenant_id, order_id)
);
CALL tenant_table('order_parties', 'SELECT, INSERT');
CREATE INDEX order_parties_by_role ON order_parties (tenant_id, role, order_id);

-- What happened to an order, for both parties to read. Never updated.
CREATE TABLE order_timeline (
    tenant_id uuid NOT NULL,
    order_id uuid NOT NULL,
    position integer NOT NULL,
    step text NOT NULL,
    by_party text NOT NULL CHECK (by_party IN ('buyer', 'seller', 'platform')),
    reason text,
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, order_id, position),
    FOREIGN KEY (tenant_id, order_id) REFERENCES orders (tenant_id, id)
);
CALL tenant_table('order_timeline', 'SELECT, INSERT', platform => true);

CREATE TABLE shipments (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    carrier text NOT NULL,
    tracking_number text NOT NULL,
    proof_file_id uuid,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, order_id) REFERENCES orders (tenant_id, id)
);
CALL tenant_table('shipments', 'SELECT, INSERT', platform => true);
CREATE INDEX shipments_by_order ON shipments (tenant_id, order_id);

CREATE TABLE shipment_lines (
    tenant_id uuid NOT NULL,
    shipment_id uuid NOT NULL,
    line_id uuid NOT NULL,
    quantity bigint NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (tenant_id, shipment_id, line_id),
    FOREIGN KEY (tenant_id, shipment_id) REFERENCES shipments (tenant_id, id),
    FOREIGN KEY (tenant_id, line_id) REFERENCES order_lines (tenant_id, id)
);
CALL tenant_table('shipment_lines', 'SELECT, INSERT');
