//! Through which states an incident goes, and what may happen in each.
//!
//! 草稿 → 已接报 → 核实中 → 已确认 → 处置中 → 基本控制 → 已结束 → 归档, with the side exits 误报, 重复, 移交.
//! There is no deadline here: the clocks of upward reports are rules of their own and read the journal.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::IncidentId;
use crate::platform::{Kind, Refusal};

/// The longest reason accepted, in characters.
pub const REASON_MAX: usize = 500;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = IncidentStatus)]
pub enum Status {
    Draft,
    Reported,
    Verifying,
    Confirmed,
    Responding,
    Controlled,
    Closed,
    Archived,
    Dismissed,
    Duplicate,
    Transferred,
}

impl Status {
    pub const ALL: [Self; 11] = [
        Self::Draft,
        Self::Reported,
        Self::Verifying,
        Self::Confirmed,
        Self::Responding,
        Self::Controlled,
        Self::Closed,
        Self::Archived,
        Self::Dismissed,
        Self::Duplicate,
        Self::Transferred,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Reported => "reported",
            Self::Verifying => "verifying",
            Self::Confirmed => "confirmed",
            Self::Responding => "responding",
            Self::Controlled => "controlled",
            Self::Closed => "closed",
            Self::Archived => "archived",
            Self::Dismissed => "dismissed",
            Self::Duplicate => "duplicate",
            Self::Transferred => "transferred",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// Somebody still has to do something.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(
            self,
            Self::Draft
                | Self::Reported
                | Self::Verifying
                | Self::Confirmed
                | Self::Responding
                | Self::Controlled
        )
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifecycle {
    pub status: Status,
    /// Why it was dismissed, transferred or reopened.
    pub reason: Option<String>,
    /// To whom it was handed over.
    pub transferred_to: Option<String>,
    /// Set exactly while the status is `Duplicate`.
    pub merged: Option<Merged>,
}

/// What un-merging needs to restore the incident exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    pub into: IncidentId,
    pub status_before: Status,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// The draft is complete.
    Report,
    /// Somebody is checking whether it is true.
    Verify,
    /// It is true. From 已接报 the check is logged as well: no step is skipped in the log.
    Confirm,
    /// Forces are at work; also when it flares up again.
    Respond,
    Control,
    Close,
    Archive,
    /// It was a false alarm.
    Dismiss {
        reason: String,
    },
    /// Somebody else is responsible.
    Transfer {
        to: String,
        reason: String,
    },
    Merge {
        into: IncidentId,
    },
    Unmerge,
    Reopen {
        reason: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Reported,
    VerificationStarted,
    Confirmed,
    ResponseStarted,
    Controlled,
    Closed,
    Archived,
    Dismissed { reason: String },
    Transferred { to: String, reason: String },
    Merged { into: IncidentId },
    Unmerged { from: IncidentId },
    Reopened { to: Status, reason: String },
}

impl Event {
    /// Kind of its journal entry.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Reported => "incident.reported",
            Self::VerificationStarted => "incident.verification_started",
            Self::Confirmed => "incident.confirmed",
            Self::ResponseStarted => "incident.response_started",
            Self::Controlled => "incident.controlled",
            Self::Closed => "incident.closed",
            Self::Archived => "incident.archived",
            Self::Dismissed { .. } => "incident.dismissed",
            Self::Transferred { .. } => "incident.transferred",
            Self::Merged { .. } => "incident.merged",
            Self::Unmerged { .. } => "incident.unmerged",
            Self::Reopened { .. } => "incident.reopened",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LifecycleRefusal {
    /// The verb does not fit the state.
    NotNow {
        verb: &'static str,
        status: Status,
    },
    ReasonMissing {
        verb: &'static str,
    },
    ReasonTooLong {
        length: usize,
    },
    ReceiverMissing,
    MergedIntoItself,
    /// It already belongs to another incident.
    MergedElsewhere {
        into: IncidentId,
    },
}

impl Lifecycle {
    #[must_use]
    pub fn draft() -> Self {
        Self {
            status: Status::Draft,
            reason: None,
            transferred_to: None,
            merged: None,
        }
    }

    /// Born without a draft: by a report in one step, or filed from old records.
    #[must_use]
    pub fn born(status: Status) -> Self {
        Self {
            status,
            ..Self::draft()
        }
    }

    /// May say no; changes nothing. `own` is the incident itself.
    ///
    /// # Errors
    /// When the command does not fit the state.
    pub fn decide(
        &self,
        own: &IncidentId,
        command: Command,
    ) -> Result<Vec<Event>, LifecycleRefusal> {
        use Status as S;
        let now = self.status;
        let refuse = |verb| Err(LifecycleRefusal::NotNow { verb, status: now });
        match command {
            Command::Report => match now {
                S::Draft => Ok(vec![Event::Reported]),
                S::Reported => Ok(vec![]),
                _ => refuse("report"),
            },
            Command::Verify => match now {
                S::Reported => Ok(vec![Event::VerificationStarted]),
                S::Verifying => Ok(vec![]),
                _ => refuse("verify"),
            },
            Command::Confirm => match now {
                S::Reported => Ok(vec![Event::VerificationStarted, Event::Confirmed]),
                S::Verifying => Ok(vec![Event::Confirmed]),
                S::Confirmed => Ok(vec![]),
                _ => refuse("confirm"),
            },
            Command::Respond => match now {
                S::Confirmed | S::Controlled => Ok(vec![Event::ResponseStarted]),
                S::Responding => Ok(vec![]),
                _ => refuse("respond"),
            },
            Command::Control => match now {
                S::Responding => Ok(vec![Event::Controlled]),
                S::Controlled => Ok(vec![]),
                _ => refuse("control"),
            },
            Command::Close => match now {
                S::Controlled => Ok(vec![Event::Closed]),
                S::Closed => Ok(vec![]),
                _ => refuse("close"),
            },
            Command::Archive => match now {
                S::Closed => Ok(vec![Event::Archived]),
                S::Archived => Ok(vec![]),
                _ => refuse("archive"),
            },
            Command::Dismiss { reason } => match now {
                S::Dismissed => Ok(vec![]),
                S::Draft | S::Reported | S::Verifying | S::Confirmed => {
                    Ok(vec![Event::Dismissed {
                        reason: given("dismiss", reason)?,
                    }])
                }
                _ => refuse("dismiss"),
            },
            Command::Transfer { to, reason } => match now {
                S::Transferred if self.transferred_to.as_deref() == Some(to.trim()) => Ok(vec![]),
                S::Reported | S::Verifying | S::Confirmed => {
                    let to = to.trim().to_owned();
                    if to.is_empty() {
                        return Err(LifecycleRefusal::ReceiverMissing);
                    }
                    Ok(vec![Event::Transferred {
                        to,
                        reason: given("transfer", reason)?,
                    }])
                }
                _ => refuse("transfer"),
            },
            Command::Merge { into } => self.decide_merge(own, into),
            Command::Unmerge => match &self.merged {
                Some(merged) => Ok(vec![Event::Unmerged {
                    from: merged.into.clone(),
                }]),
                None => refuse("unmerge"),
            },
            Command::Reopen { reason } => {
                let to = match now {
                    S::Closed | S::Archived => S::Responding,
                    S::Dismissed | S::Transferred => S::Verifying,
                    _ => return refuse("reopen"),
                };
                Ok(vec![Event::Reopened {
                    to,
                    reason: given("reopen", reason)?,
                }])
            }
        }
    }

    fn decide_merge(
        &self,
        own: &IncidentId,
        into: IncidentId,
    ) -> Result<Vec<Event>, LifecycleRefusal> {
        if *own == into {
            return Err(LifecycleRefusal::MergedIntoItself);
        }
        match (&self.merged, self.status) {
            (Some(merged), _) if merged.into == into => Ok(vec![]),
            (Some(merged), _) => Err(LifecycleRefusal::MergedElsewhere {
                into: merged.into.clone(),
            }),
            (None, Status::Draft | Status::Dismissed | Status::Transferred) => {
                Err(LifecycleRefusal::NotNow {
                    verb: "merge",
                    status: self.status,
                })
            }
            (None, _) => Ok(vec![Event::Merged { into }]),
        }
    }

    /// Makes an event true; cannot fail, decides nothing.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Reported => self.status = Status::Reported,
            Event::VerificationStarted => self.status = Status::Verifying,
            Event::Confirmed => self.status = Status::Confirmed,
            Event::ResponseStarted => self.status = Status::Responding,
            Event::Controlled => self.status = Status::Controlled,
            Event::Closed => self.status = Status::Closed,
            Event::Archived => self.status = Status::Archived,
            Event::Dismissed { reason } => {
                self.status = Status::Dismissed;
                self.reason = Some(reason.clone());
            }
            Event::Transferred { to, reason } => {
                self.status = Status::Transferred;
                self.transferred_to = Some(to.clone());
                self.reason = Some(reason.clone());
            }
            Event::Merged { into } => {
                self.merged = Some(Merged {
                    into: into.clone(),
                    status_before: self.status,
                });
                self.status = Status::Duplicate;
            }
            Event::Unmerged { .. } => {
                if let Some(merged) = self.merged.take() {
                    self.status = merged.status_before;
                }
            }
            Event::Reopened { to, reason } => {
                self.status = *to;
                self.transferred_to = None;
                self.reason = Some(reason.clone());
            }
        }
    }

    /// The verbs that would change something now, for the buttons of a page; the order is theirs.
    #[must_use]
    pub fn verbs(&self) -> &'static [&'static str] {
        match self.status {
            Status::Draft => &["report", "dismiss"],
            Status::Reported => &["verify", "confirm", "dismiss", "transfer", "merge"],
            Status::Verifying => &["confirm", "dismiss", "transfer", "merge"],
            Status::Confirmed => &["respond", "dismiss", "transfer", "merge"],
            Status::Responding => &["control", "merge"],
            Status::Controlled => &["close", "respond", "merge"],
            Status::Closed => &["archive", "reopen", "merge"],
            Status::Archived => &["reopen", "merge"],
            Status::Dismissed | Status::Transferred => &["reopen"],
            Status::Duplicate => &["unmerge"],
        }
    }
}

fn given(verb: &'static str, reason: String) -> Result<String, LifecycleRefusal> {
    let reason = reason.trim();
    let length = reason.chars().count();
    match length {
        0 => Err(LifecycleRefusal::ReasonMissing { verb }),
        _ if length > REASON_MAX => Err(LifecycleRefusal::ReasonTooLong { length }),
        _ => Ok(reason.to_owned()),
    }
}

impl From<LifecycleRefusal> for Refusal {
    fn from(refusal: LifecycleRefusal) -> Self {
        use LifecycleRefusal as R;
        match refusal {
            R::NotNow { verb, status } => Self::new(
                Kind::Conflict,
                "incident.not_now",
                format!("事件当前状态为“{}”，不能执行该操作；请刷新后按当前状态处理。", zh(status)),
                format!("The incident is {}; {verb} does not apply. Reload and act on its present state.", status.as_str()),
            )
            .with("verb", verb)
            .with("state", status.as_str()),
            R::ReasonMissing { verb } => Self::new(
                Kind::Invalid,
                "incident.reason_missing",
                "请填写原因。",
                "Give the reason.",
            )
            .with("verb", verb),
            R::ReasonTooLong { length } => Self::new(
                Kind::Invalid,
                "incident.reason_too_long",
                format!("原因最多 {REASON_MAX} 字，现有 {length} 字。"),
                format!("A reason has at most {REASON_MAX} characters, this one has {length}."),
            ),
            R::ReceiverMissing => Self::new(
                Kind::Invalid,
                "incident.receiver_missing",
                "请填写移交的接收单位。",
                "Name the organisation that takes the incident over.",
            ),
            R::MergedIntoItself => Self::new(
                Kind::Invalid,
                "incident.merged_into_itself",
                "不能把事件并入它自己。",
                "An incident cannot be merged into itself.",
            ),
            R::MergedElsewhere { into } => Self::new(
                Kind::Conflict,
                "incident.merged_elsewhere",
                "该事件已并入另一事件；请先撤销并入。",
                "The incident is already merged into another; un-merge it first.",
            )
            .with("into", into.as_str()),
        }
    }
}

fn zh(status: Status) -> &'static str {
    match status {
        Status::Draft => "草稿",
        Status::Reported => "已接报",
        Status::Verifying => "核实中",
        Status::Confirmed => "已确认",
        Status::Responding => "处置中",
        Status::Controlled => "基本控制",
        Status::Closed => "已结束",
        Status::Archived => "归档",
        Status::Dismissed => "误报",
        Status::Duplicate => "重复",
        Status::Transferred => "移交",
    }
}
