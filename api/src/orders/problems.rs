//! Refusals of trade.

use crate::problem::problems;

problems! { "orders";
    OUT_OF_STOCK 409 "out_of_stock" {
        en: "There is not enough stock", "Order at most what is available, or ask the seller.";
        zh: "库存不足", "请减少数量，或联系卖家。";
    }
    ORDER_STATUS 409 "order_status" {
        en: "The order's status does not allow this", "Read the order again: it may have been paid, shipped or cancelled meanwhile.";
        zh: "订单当前状态不允许此操作", "请重新查看订单，它可能已付款、发货或取消。";
    }
    PAYMENT_IN_PROGRESS 409 "payment_in_progress" {
        en: "A payment of this order is under way", "Wait until its outcome is known.";
        zh: "该订单有付款正在处理中", "请等待付款结果。";
    }
    REFUND_IN_PROGRESS 409 "refund_in_progress" {
        en: "A refund of this order is under way", "Wait until its outcome is known.";
        zh: "该订单有退款正在处理中", "请等待退款结果。";
    }
    REFUND_EXCEEDS_PAYMENT 409 "refund_exceeds_payment" {
        en: "The refund is more than is left of the payment", "Refund at most `refundable_minor`.";
        zh: "退款金额超过剩余可退金额", "退款最多为 `refundable_minor`。";
    }
}
