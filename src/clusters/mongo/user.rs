//! Users: made, changed and dropped on the primary; a password that is right already is left alone.

use std::fmt;

use bson::{Bson, Document, doc};

use super::client::Client;
use super::survey::is_denial;
use super::{Error, Login};
use crate::base::Secret;
use crate::clusters::{Address, Dial};

/// A user as it should be.
#[derive(Clone, Debug)]
pub struct User {
    /// The name.
    pub name: String,
    /// The database that knows the user.
    pub database: String,
    /// The password, and when it is set.
    pub password: Option<Password>,
    /// What the user may do; nothing leaves it as it is.
    pub roles: Option<Vec<Role>>,
    /// Whether the user should be there.
    pub present: bool,
}

/// A password.
#[derive(Clone, Debug)]
pub struct Password {
    /// The password.
    pub value: Secret,
    /// Whether a user who is there gets it too.
    pub always: bool,
}

/// What a user may do.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Role {
    /// Where.
    pub database: String,
    /// The name.
    pub name: String,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.database)
    }
}

/// What was done, or would be.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct UserChange {
    /// In words; none when the user was as wished.
    pub steps: Vec<String>,
    /// The user before, without the password.
    pub before: String,
    /// The user now.
    pub after: String,
}

/// Makes a user what it should be, on the primary of the set that these members belong to.
pub async fn ensure_user(
    user: &User,
    members: &[Address],
    login: Option<&Login>,
    dial: &dyn Dial,
    check: bool,
) -> Result<UserChange, Error> {
    let mut client = match (primary(members, dial).await, members) {
        // Before the set is formed there are no users.
        (Err(_), [first, ..]) if check => return Ok(decide(user, None, dial, first).await?.1),
        (client, _) => client?,
    };
    if let Some(login) = login {
        client.log_in(login).await?;
    }
    let found = find(&mut client, user).await?;
    let (commands, change) = decide(user, found.as_deref(), dial, &client.address).await?;
    if !check {
        for command in commands {
            client.ask(&user.database, command).await?;
        }
    }
    Ok(change)
}

async fn primary<'a>(members: &[Address], dial: &'a dyn Dial) -> Result<Client<'a>, Error> {
    let mut last = Error::Impossible("no member is named".into());
    for address in members {
        let mut client = Client::new(address.clone(), dial);
        let hello = match client.hello().await {
            Ok(hello) => hello,
            Err(error) => {
                last = error;
                continue;
            }
        };
        if hello.get_bool("isWritablePrimary").unwrap_or(false) {
            return Ok(client);
        }
        match hello.get_str("primary").ok().and_then(|host| host.parse().ok()) {
            Some(address) => return Ok(Client::new(address, dial)),
            None => {
                last = Error::Impossible(format!(
                    "{address} knows no primary: users can be changed when the set has one"
                ));
            }
        }
    }
    Err(last)
}

async fn find(client: &mut Client<'_>, user: &User) -> Result<Option<Vec<Role>>, Error> {
    let question = doc! {"usersInfo": {"user": &user.name, "db": &user.database}};
    let answer = client.ask(&user.database, question).await?;
    let users = answer.get_array("users").cloned().unwrap_or_default();
    let Some(found) = users.first().and_then(Bson::as_document) else { return Ok(None) };
    let roles = found.get_array("roles").cloned().unwrap_or_default();
    let text = |role: &Document, key: &str| role.get_str(key).unwrap_or_default().to_owned();
    let roles = roles.iter().filter_map(Bson::as_document);
    let mut roles: Vec<Role> =
        roles.map(|role| Role { database: text(role, "db"), name: text(role, "role") }).collect();
    roles.sort();
    Ok(Some(roles))
}

async fn decide(
    user: &User,
    found: Option<&[Role]>,
    dial: &dyn Dial,
    primary: &Address,
) -> Result<(Vec<Document>, UserChange), Error> {
    let wished = user.roles.clone().map(|mut roles| {
        roles.sort();
        roles.dedup();
        roles
    });
    let describe = |roles: &[Role]| {
        let roles: Vec<String> = roles.iter().map(Role::to_string).collect();
        format!("{}@{}: {}\n", user.name, user.database, roles.join(", "))
    };
    let mut change =
        UserChange { before: found.map(describe).unwrap_or_default(), ..UserChange::default() };
    let mut commands = Vec::new();
    match (found, user.present) {
        (None, false) => {}
        (Some(_), false) => {
            commands.push(doc! {"dropUser": &user.name});
            change.steps.push(format!("drop the user {}", user.name));
        }
        (None, true) => {
            let Some(password) = &user.password else {
                return Err(Error::Impossible(format!(
                    "the user {} is not there yet: give `password` to make it",
                    user.name
                )));
            };
            let roles = wished.unwrap_or_default();
            change.after = describe(&roles);
            commands.push(doc! {
                "createUser": &user.name, "pwd": password.value.reveal(), "roles": written(&roles),
            });
            change.steps.push(format!("make the user {}", user.name));
        }
        (Some(roles), true) => {
            let mut update = doc! {"updateUser": &user.name};
            if let Some(password) = user.password.as_ref().filter(|password| password.always)
                && !knows(user, &password.value, dial, primary).await?
            {
                update.insert("pwd", password.value.reveal());
                change.steps.push(format!("change the password of {}", user.name));
            }
            let wished = wished.unwrap_or_else(|| roles.to_vec());
            if wished != roles {
                update.insert("roles", written(&wished));
                change.steps.push(format!("change the roles of {}", user.name));
            }
            change.after = describe(&wished);
            if !change.steps.is_empty() {
                commands.push(update);
            }
        }
    }
    Ok((commands, change))
}

fn written(roles: &[Role]) -> Vec<Bson> {
    roles.iter().map(|role| doc! {"role": &role.name, "db": &role.database}.into()).collect()
}

/// Returns whether a user can log in with a password: nothing else tells.
async fn knows(
    user: &User,
    password: &Secret,
    dial: &dyn Dial,
    primary: &Address,
) -> Result<bool, Error> {
    let login = Login {
        user: user.name.clone(),
        password: password.clone(),
        database: user.database.clone(),
    };
    match Client::new(primary.clone(), dial).log_in(&login).await {
        Ok(()) => Ok(true),
        Err(error) if is_denial(&error) => Ok(false),
        Err(error) => Err(error),
    }
}
