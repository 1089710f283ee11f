//! `plugtill user` and `plugtill key`: who may sign in to the console, and what machines prove themselves with.

use std::path::PathBuf;

use plugtill_adapters::clock::Clock;
use plugtill_adapters::store::User;
use plugtill_domain::access::{Role, Sites, UserName};
use plugtill_domain::ids::SiteId;
use plugtill_operator::{Answer, NamedUser, NewKey, NewUser, OrderError, Request};

use crate::chargers::{ChargerError, print};
use crate::desk;
use crate::stack::Stack;

/// The first user, who makes the others.
const FIRST: &str = "owner";

/// What is wanted of users or keys.
#[derive(Debug, clap::Args)]
pub struct AccessArguments<C: clap::Subcommand> {
    /// The directory that `serve --data` keeps.
    #[arg(long, value_name = "DIR", global = true, default_value = "plugtill-data")]
    data: PathBuf,
    /// Who decides; stands in the audit trail.
    #[arg(long, global = true, default_value = "operator")]
    by: String,
    #[command(subcommand)]
    command: C,
}

/// What is wanted of users.
#[derive(Debug, clap::Subcommand)]
pub enum UserCommand {
    /// Let somebody sign in, or give them another password, role or sites; prints the password.
    Add {
        /// The name that stands in the audit trail.
        name: UserName,
        /// owner, manager or viewer.
        #[arg(long)]
        role: Role,
        /// A site that the role is for, once for each; all when not given.
        #[arg(long = "site", value_name = "SITE")]
        sites: Vec<SiteId>,
        /// 12 characters or more; made when not given.
        #[arg(long)]
        password: Option<String>,
    },
    /// Let somebody sign in no more; their sessions end at once.
    Remove {
        /// Who.
        name: UserName,
    },
    /// Who may sign in.
    List,
}

/// What is wanted of keys.
#[derive(Debug, clap::Subcommand)]
pub enum KeyCommand {
    /// Make a key for a machine; prints it, this once.
    Add {
        /// The name that stands in the audit trail.
        name: UserName,
        /// owner, manager or viewer.
        #[arg(long)]
        role: Role,
        /// A site that the role is for, once for each; all when not given.
        #[arg(long = "site", value_name = "SITE")]
        sites: Vec<SiteId>,
    },
    /// Let a key hold no longer.
    Remove {
        /// The part of it that is no secret, as `list` shows it.
        id: String,
    },
    /// The keys that hold.
    List,
}

/// Changes or shows who may sign in.
///
/// # Errors
/// When the data cannot be opened, or the order cannot be carried out.
pub async fn users(arguments: AccessArguments<UserCommand>) -> Result<(), ChargerError> {
    let AccessArguments { data, by, command } = arguments;
    let request = match command {
        UserCommand::Add { name, role, sites, password } => {
            Request::AddUser(NewUser { name, role, sites, password, by })
        }
        UserCommand::Remove { name } => Request::RemoveUser(NamedUser { name, by }),
        UserCommand::List => Request::Users,
    };
    print(&desk::ask(&data, Clock::system().now(), request).await?)
}

/// Changes or shows the keys of machines.
///
/// # Errors
/// When the data cannot be opened, or the order cannot be carried out.
pub async fn keys(arguments: AccessArguments<KeyCommand>) -> Result<(), ChargerError> {
    let AccessArguments { data, by, command } = arguments;
    let request = match command {
        KeyCommand::Add { name, role, sites } => Request::AddKey(NewKey { name, role, sites, by }),
        KeyCommand::Remove { id } => Request::RemoveKey { id, by },
        KeyCommand::List => Request::Keys,
    };
    print(&desk::ask(&data, Clock::system().now(), request).await?)
}

/// Makes the first user where nobody says yet who may do what; the name and the password, to be shown once.
///
/// # Errors
/// When the table does not answer.
pub(crate) async fn first(stack: &mut Stack) -> Result<Option<(String, String)>, OrderError> {
    let is_owner = |user: &User| user.removed_at.is_none() && user.role == Role::Owner && user.sites == Sites::All;
    if stack.store.users().await?.iter().any(is_owner) {
        return Ok(None);
    }
    let name = UserName::try_from(FIRST.to_owned()).map_err(|error| OrderError::Access(error.to_string()))?;
    let (sites, by) = (Vec::new(), "plugtill serve".to_owned());
    let new = NewUser { name, role: Role::Owner, sites, password: None, by };
    let Answer::UserAdded(added) = stack.order(Request::AddUser(new)).await? else { return Ok(None) };
    Ok(Some((added.user.name.to_string(), added.password)))
}
