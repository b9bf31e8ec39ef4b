//! Everything identity says no to: stable code, and what to do next in both languages.

use super::lockout::LOCK_MS;
use super::password::{KINDS_MIN, LENGTH_MAX, LENGTH_MIN, PHRASE_MIN, Weakness};
use super::policy::Denied;
use crate::platform::clock::Millis;
use crate::platform::failure::{Kind, Refusal};

/// The domain's refusals; [`Refusal`] is how they look outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum No {
    NotSignedIn,
    WrongCredentials,
    Locked { until: Millis },
    Disabled,
    TotpNeeded,
    WrongTotp,
    TotpNotBegun,
    TotpAlreadyEnrolled,
    PasswordMustChange,
    TotpMustEnrol,
    WrongPassword,
    SamePassword,
    Weak(Weakness),
    Busy,
    WrongCode,
    AlreadySetUp,
    SamePerson,
    AccountMissing,
    LoginTaken,
    BadLogin,
    BadName,
    VersionConflict { current: i64 },
    OwnAccount,
    MixedRoles,
    LastAdministrator,
    VenueNeeded,
    DeviceRoles,
    SessionMissing,
    ReasonMissing,
    RouteNotListed { route: String },
}

impl From<No> for Refusal {
    fn from(no: No) -> Refusal {
        use Kind::{Conflict, Forbidden, Invalid, Missing, TooMany, Unauthenticated};
        let say = |kind, code, zh: &str, en: &str| Refusal::new(kind, code, zh, en);
        match no {
            No::NotSignedIn => say(Unauthenticated, "identity.not_signed_in", "尚未登录或登录已失效，请登录。", "You are not signed in, or the session has ended. Sign in."),
            No::WrongCredentials => say(Unauthenticated, "identity.wrong_credentials", "账号或密码错误。", "The login or the password is wrong."),
            No::Locked { until } => Refusal::new(
                TooMany,
                "identity.locked",
                format!("失败次数过多，已锁定 {} 分钟，请稍后再试或联系系统管理员。", LOCK_MS / Millis::MINUTE),
                format!("Too many failures: locked for {} minutes. Try later or ask the system administrator.", LOCK_MS / Millis::MINUTE),
            )
            .with("until", until.0),
            No::Disabled => say(Forbidden, "identity.disabled", "该账号已停用，请联系系统管理员。", "This account is disabled. Ask the system administrator."),
            No::TotpNeeded => say(Unauthenticated, "identity.totp_needed", "请输入动态口令。", "Enter the code of your authenticator."),
            No::WrongTotp => say(Unauthenticated, "identity.wrong_totp", "动态口令错误或已使用，请等待下一个。", "The code is wrong or already used. Wait for the next one."),
            No::ReasonMissing => say(Invalid, "identity.reason_missing", "请说明理由，不超过 200 字。", "Say why, in at most 200 characters."),
            No::TotpNotBegun => say(Conflict, "identity.totp_not_begun", "尚未生成动态口令密钥，请先生成。", "There is no authenticator secret yet. Ask for one first."),
            No::TotpAlreadyEnrolled => say(Conflict, "identity.totp_already_enrolled", "动态口令已启用；更换须由安全管理员重置。", "The authenticator is already in use. The security administrator can reset it."),
            No::PasswordMustChange => say(Forbidden, "identity.password_must_change", "请先修改初始密码。", "Change the initial password first."),
            No::TotpMustEnrol => say(Forbidden, "identity.totp_must_enrol", "管理员须先启用动态口令。", "Administrators must set up an authenticator first."),
            No::WrongPassword => say(Forbidden, "identity.wrong_password", "当前密码错误。", "The current password is wrong."),
            No::SamePassword => say(Invalid, "identity.same_password", "新密码不得与当前密码相同。", "The new password must differ from the current one."),
            No::Weak(weakness) => weak(weakness),
            No::Busy => say(TooMany, "identity.busy", "登录请求过多，请稍后重试。", "Too many sign-ins at once. Try again in a moment."),
            No::WrongCode => say(Forbidden, "identity.wrong_code", "代码错误、已使用或已过期。", "The code is wrong, used or expired."),
            No::AlreadySetUp => say(Conflict, "identity.already_set_up", "系统已完成初始化。", "The system has been set up already."),
            No::SamePerson => say(Invalid, "identity.same_person", "三员不得由同一人担任：账号、姓名和密码均须不同。", "The three administrators must be three persons: logins, names and passwords must differ."),
            No::AccountMissing => say(Missing, "identity.account_missing", "没有这个账号。", "There is no such account."),
            No::LoginTaken => say(Conflict, "identity.login_taken", "该登录名已被使用。", "This login is taken."),
            No::BadLogin => say(Invalid, "identity.bad_login", "登录名须为 2 至 64 个小写字母、数字或 . _ - @，以字母或数字开头。", "A login has 2 to 64 lower-case letters, digits or . _ - @ and begins with a letter or digit."),
            No::BadName => say(Invalid, "identity.bad_name", "姓名须为 1 至 64 个字符。", "A name has 1 to 64 characters."),
            No::VersionConflict { current } => say(Conflict, "identity.version_conflict", "账号已被他人修改，请刷新后重试。", "Somebody else changed the account. Reload and try again.").with("current", current),
            No::OwnAccount => say(Forbidden, "identity.own_account", "不得修改自己的权限或停用自己。", "Nobody grants rights to himself or disables himself."),
            No::MixedRoles => say(Invalid, "identity.mixed_roles", "管理员角色不得与其他任何角色兼任。", "An administrator's role cannot be combined with any other role."),
            No::LastAdministrator => say(Conflict, "identity.last_administrator", "这是该类管理员的最后一个有效账号，请先任命他人。", "This is the last active administrator of its kind. Appoint another one first."),
            No::VenueNeeded => say(Invalid, "identity.venue_needed", "会场角色须指定会场。", "The venue role needs a venue."),
            No::DeviceRoles => say(Invalid, "identity.device_roles", "终端账号只有会场角色。", "A terminal has the venue role and no other."),
            No::SessionMissing => say(Missing, "identity.session_missing", "没有这个登录会话。", "There is no such session."),
            No::RouteNotListed { route } => Refusal::new(
                Forbidden,
                "identity.route_not_listed",
                format!("权限表中没有 {route}，该功能对所有人关闭。"),
                format!("{route} has no line in the policy table (identity/policy.rs), so it is closed to everybody."),
            )
            .with("route", route),
        }
    }
}

fn weak(weakness: Weakness) -> Refusal {
    let (fact, zh, en) = match weakness {
        Weakness::TooShort => (
            "too_short",
            format!("密码至少 {LENGTH_MIN} 个字符。"),
            format!("A password has at least {LENGTH_MIN} characters."),
        ),
        Weakness::TooLong => (
            "too_long",
            format!("密码至多 {LENGTH_MAX} 个字符。"),
            format!("A password has at most {LENGTH_MAX} characters."),
        ),
        Weakness::TooFewKinds => (
            "too_few_kinds",
            format!(
                "密码须包含大写、小写、数字、符号中的至少 {KINDS_MIN} 类，或不少于 {PHRASE_MIN} 个字符。"
            ),
            format!(
                "Mix at least {KINDS_MIN} of upper case, lower case, digits and signs, or use {PHRASE_MIN} characters or more."
            ),
        ),
        Weakness::Personal => (
            "personal",
            "密码不得包含登录名或姓名。".into(),
            "A password must not contain the login or the name.".into(),
        ),
        Weakness::Common => (
            "common",
            "密码过于常见，请换一个。".into(),
            "This password is too common. Choose another.".into(),
        ),
        Weakness::Run => (
            "run",
            "密码不得包含连续或重复的字符，如 12345、aaaa。".into(),
            "A password must not contain runs such as 12345 or aaaa.".into(),
        ),
    };
    Refusal::new(Kind::Invalid, "identity.weak_password", zh, en).with("weakness", fact)
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Refusal {
        match denied {
            Denied::Role(action) => Refusal::new(
                Kind::Forbidden,
                "identity.role_forbids",
                "您的角色无权执行此操作。",
                "Your role does not allow this.",
            )
            .with("action", action.name()),
            Denied::Jurisdiction(action) => Refusal::new(
                Kind::Forbidden,
                "identity.outside_jurisdiction",
                "该对象不在您的辖区内。",
                "This lies outside your jurisdiction.",
            )
            .with("action", action.name()),
        }
    }
}
