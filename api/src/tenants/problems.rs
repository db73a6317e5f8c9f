//! Problem types of firms and members.

use crate::problem::problems;

problems! {
    "tenants";
    OWNER_ONLY 403 "owner_only" {
        en: "Only an owner of the firm may do this", "Ask an owner of the firm.";
        zh: "仅企业所有者可执行此操作", "请联系企业的所有者。";
    }
    OWN_ROLE_NAME_TAKEN 409 "role_name_taken" {
        en: "Another role has this name", "Choose another name.";
        zh: "该角色名称已被使用", "请换一个名称。";
    }
    ROLE_IN_USE 409 "role_in_use" {
        en: "Members have this role, or open invitations name it", "Give the `members` another role and take the `invitations` back first.";
        zh: "该角色正在使用中", "请先为 members 中的成员更换角色，并撤回 invitations 中的邀请。";
    }
    ROLE_LIMIT_REACHED 409 "role_limit_reached" {
        en: "The firm has as many roles of its own as it may have", "Remove one that nobody needs.";
        zh: "自定义角色数量已达上限", "请先删除不再需要的角色。";
    }
    ALREADY_OWNER 409 "already_owner" {
        en: "This is your own membership", "Name the member who shall own the firm.";
        zh: "该成员就是您自己", "请指定将成为所有者的其他成员。";
    }
    CREDIT_CODE_VERIFIED 409 "credit_code_verified" {
        en: "This registration number was verified", "To change it, send a new verification request with the new number.";
        zh: "该统一社会信用代码已通过认证", "如需更改，请使用新代码重新提交认证申请。";
    }
    ALREADY_VERIFIED 409 "already_verified" {
        en: "The firm is verified with this registration number", "There is nothing left to do.";
        zh: "企业已使用该统一社会信用代码通过认证", "无需再次提交。";
    }
    VERIFICATION_PENDING 409 "verification_pending" {
        en: "A verification request is being looked at", "Wait for its decision.";
        zh: "认证申请正在审核中", "请等待审核结果。";
    }
    TENANT_IN_TRADE 409 "tenant_in_trade" {
        en: "Orders are under way", "Complete or cancel the firm's `orders` and `purchases` first.";
        zh: "仍有进行中的订单", "请先完成或取消企业的销售订单（orders）和采购订单（purchases）。";
    }
    TENANT_NOT_SETTLED 409 "tenant_not_settled" {
        en: "Money is held for the firm, or owed by it", "Have the `balances` paid out or settled first.";
        zh: "企业仍有未结清的资金", "请先提取或结清 balances 中的余额。";
    }
    SLUG_TAKEN 409 "slug_taken" {
        en: "Another firm has this slug", "Choose another one.";
        zh: "该短名称已被其他企业使用", "请另选一个。";
    }
    LAST_OWNER 409 "last_owner" {
        en: "The last owner cannot leave or lose the role", "Make somebody else an owner first.";
        zh: "不能移除最后一位所有者", "请先指定另一位所有者。";
    }
    ALREADY_MEMBER 409 "already_member" {
        en: "Somebody with this address is a member already", "Change that member's role instead.";
        zh: "该邮箱的用户已是成员", "如需调整，请修改其角色。";
    }
    ALREADY_INVITED 409 "already_invited" {
        en: "An invitation to this address is open", "Send it again, or take it back first.";
        zh: "已向该邮箱发出邀请", "请重新发送，或先撤回该邀请。";
    }
    INVITATION_SETTLED 409 "invitation_settled" {
        en: "The invitation was accepted or taken back", "Invite anew if needed.";
        zh: "该邀请已被接受或撤回", "如有需要，请重新邀请。";
    }
    INVITATION_INVALID 400 "invitation_invalid" {
        en: "This invitation does not work any more", "Ask whoever invited you to send it again.";
        zh: "该邀请已失效", "请联系邀请人重新发送。";
    }
    ACCOUNT_NOT_VERIFIED 409 "account_not_verified" {
        en: "The account with this address waits for its verification", "Log in and verify the address, then accept the invitation.";
        zh: "该邮箱的账户尚未验证", "请先登录并验证邮箱，再接受邀请。";
    }
    MEMBER_LIMIT_REACHED 409 "member_limit_reached" {
        en: "The firm's plan allows no more members", "Remove a member or choose a larger plan.";
        zh: "企业套餐的成员数已达上限", "请移除成员或升级套餐。";
    }
    ROLE_NOT_YOURS 403 "role_not_yours" {
        en: "Your own role does not let you give or take this role", "Ask an owner of the firm.";
        zh: "您的角色无权授予或收回该角色", "请联系企业的所有者。";
    }
}
