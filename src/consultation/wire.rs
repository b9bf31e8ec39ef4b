//! What stands around an incident and who is proposed for it, in JSON.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{proposal::Because, service};
use crate::{
    conference::{ConferenceId, VenueSeen},
    expert::{ExpertId, ExpertMatch},
    identity::VenueId,
    infrastructure::Found,
    platform::http::contract::one_of,
};

#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CircleQuery {
    /// Metres; 3 000 when absent.
    pub radius_m: Option<f64>,
    /// Codes of kinds shown inside the circle, separated by commas; all when empty.
    #[serde(default)]
    pub kinds: String,
    /// How many of each helpful kind; 3 when absent, 20 at most.
    pub nearest: Option<usize>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Surroundings {
    pub radius_m: f64,
    /// In the circle, nearest first.
    pub inside: Found,
    /// The nearest in use of each kind that helps with an incident of this category, kind by kind.
    pub nearest: Found,
}

#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MatchesQuery {
    /// 8 when absent, 50 at most.
    pub limit: Option<usize>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ExpertMatches {
    pub items: Vec<ExpertMatch>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConsultationProposal {
    pub title: String,
    /// The main venue first.
    pub venues: Vec<ProposedVenue>,
    pub experts: Vec<ExpertMatch>,
}

fn reasons() -> utoipa::openapi::Schema {
    one_of(&["own", "division"])
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProposedVenue {
    #[serde(flatten)]
    pub venue: VenueSeen,
    #[schema(schema_with = reasons)]
    pub because: String,
}

impl From<service::Proposal> for ConsultationProposal {
    fn from(proposal: service::Proposal) -> Self {
        let venue = |(venue, because): (crate::conference::Venue, Because)| ProposedVenue {
            venue: VenueSeen::from(&venue),
            because: match because {
                Because::Own => "own".to_owned(),
                Because::Division => "division".to_owned(),
            },
        };
        Self {
            title: proposal.title,
            venues: proposal.venues.into_iter().map(venue).collect(),
            experts: proposal.experts,
        }
    }
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// Id of the new conference, chosen by the client so that a retry is harmless.
    #[schema(value_type = Option<String>)]
    pub id: Option<ConferenceId>,
    /// The incident's with 会商 behind it when absent.
    pub title: Option<String>,
    /// The first is the main venue.
    #[schema(value_type = Vec<String>)]
    pub venue_ids: Vec<VenueId>,
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub expert_ids: Vec<ExpertId>,
}
