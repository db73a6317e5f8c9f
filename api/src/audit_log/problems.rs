//! Problem types of the audit log.

use crate::problem::problems;

problems! {
    "audit";
    NOT_PROVABLE_YET 409 "not_provable_yet" {
        en: "The row cannot be proved yet", "A root over the newest rows is signed every hour; ask again later.";
        zh: "该记录暂时无法证明", "系统每小时为最新记录签署一次根哈希，请稍后再试。";
    }
}
