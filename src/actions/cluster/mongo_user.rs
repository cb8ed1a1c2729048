//! `mongo_user`: users of MongoDB and what they may do.

use super::address::addresses;
use super::mongo_replica_set::login;
use super::report::changed_cluster;
use crate::actions::dial::ThroughHelper;
use crate::actions::{Context, Done, Error};
use crate::base::{Secret, Value};
use crate::clusters::Changes;
use crate::clusters::mongo::{self, Password, Role, User};
use crate::module::{
    Argument, Arguments, BadArgument, Check, Example, Kind, Return, Spec, check_names,
};
use crate::{action, arguments, choices};

choices! {
    /// Whether the user should be there.
    pub(super) enum State { Absent = "absent", Present = "present" }
}

choices! {
    /// When the password is set.
    pub(super) enum UpdatePassword { Always = "always", OnCreate = "on_create" }
}

arguments! {
    /// A role in another database.
    pub(super) struct RoleArgs {
        /// The database.
        db: String,
        /// The name of the role.
        role: String,
    }
}

arguments! {
    /// Arguments of `mongo_user`.
    pub(super) struct Args {
        /// The database that knows the user.
        database ["db"]: String = "admin".to_owned(),
        /// The database that knows the user who logs in.
        login_database: String = "admin".to_owned(),
        /// The password of the user who logs in.
        login_password: Option<Secret>,
        /// Who logs in.
        login_user: Option<String>,
        /// Members of the replica set, or the one server, as `host:port`; the primary is found by asking them.
        members: Vec<String>,
        /// The user.
        name ["user"]: String,
        /// The user's password.
        password: Option<Secret>,
        /// What the user may do: names of roles in `database`, or dictionaries with `role` and `db`. When left out, a
        /// user who is there keeps what there is.
        roles: Option<Vec<RoleItem>>,
        /// Whether the user should be there.
        state: State = State::Present,
        /// Whether a user who is there gets the password too.
        update_password: UpdatePassword = UpdatePassword::Always,
    }
}

/// An item of `roles`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum RoleItem {
    /// A role in the user's own database.
    Own(String),
    /// A role elsewhere.
    Of(Role),
}

impl Argument for RoleItem {
    const KIND: Kind = Kind::Raw;

    fn from_value(value: &Value) -> Result<Self, BadArgument> {
        let Some(map) = value.as_map() else { return Ok(Self::Own(value.to_string())) };
        check_names("mongo_user", &RoleArgs::specs(), map)?;
        let args = RoleArgs::parse(map)?;
        Ok(Self::Of(Role { database: args.db, name: args.role }))
    }

    fn to_value(&self) -> Value {
        match self {
            Self::Own(name) => name.as_str().into(),
            Self::Of(role) => role.to_string().into(),
        }
    }
}

action! {
    /// The action.
    MongoUser,
    Spec {
        name: "mongo_user",
        collection: "fcplay.clusters",
        summary: "Makes, changes and drops users of MongoDB.",
        check: Check::Full,
        diff: true,
        examples: &[Example {
            about: "A user of an application.",
            task: "mongo_user: {members: ['10.0.0.1:27017', '10.0.0.2:27017'], login_user: admin, login_password: '{{ mongo_password }}', name: app, password: '{{ app_password }}', database: app, roles: [readWrite, {role: read, db: reports}]}",
        }],
        returns: &[Return { name: "steps", about: "What was done, or would be, in order." }],
        ..Spec::BASE
    },
    Args,
    run
}

async fn run(args: Args, cx: &Context<'_>) -> Result<Done, Error> {
    let members = addresses(&args.members, "members")?;
    let login = login(args.login_user, args.login_password, args.login_database)?;
    let role = |item: RoleItem| match item {
        RoleItem::Own(name) => Role { database: args.database.clone(), name },
        RoleItem::Of(role) => role,
    };
    let user = User {
        roles: args.roles.map(|roles| roles.into_iter().map(role).collect()),
        name: args.name,
        database: args.database.clone(),
        password: args.password.map(|value| Password {
            value,
            always: args.update_password == UpdatePassword::Always,
        }),
        present: args.state == State::Present,
    };
    let dial = ThroughHelper(cx.hands.helper().await?);
    let change = mongo::ensure_user(&user, &members, login.as_ref(), &dial, cx.stage.check).await;
    let change = change.map_err(|error| Error::new(error.to_string()))?;
    let changes = Changes {
        steps: change.steps,
        before: change.before,
        after: change.after,
        ..Changes::default()
    };
    Ok(changed_cluster(cx, &format!("user {}", user.name), changes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles() {
        let item = |text: &str| RoleItem::from_value(&crate::base::json::parse(text).unwrap());
        assert_eq!(item(r#""read""#), Ok(RoleItem::Own("read".into())));
        let role = Role { database: "b".into(), name: "read".into() };
        assert_eq!(item(r#"{"role": "read", "db": "b"}"#), Ok(RoleItem::Of(role)));
        assert!(item(r#"{"role": "read"}"#).is_err());
    }
}
