//! Problem types of firms and members.

use crate::problem::problems;

problems! {
    "tenants";
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
