//! A replica set of real members on 127.0.0.2 to 127.0.0.5, which ask for a login and trust each other by a key file.

mod members;

use std::time::Duration;

use bson::doc;
use fcplay::base::Secret;
use fcplay::clusters::mongo::{
    Client, Lost, Others, Password, Role, User, Wish, ensure, ensure_user, look, predict, table,
};

use self::members::{Members, login};

use super::{Break, Cuts, Direct, Heard, free_port};

/// Makes it so, and checks that nothing is left to do.
#[track_caller]
fn converges<'a>(wish: &'a Wish) -> impl Future<Output = Vec<String>> + use<'a> {
    let caller = std::panic::Location::caller();
    async move {
        let heard = Heard::default();
        let (changes, _) = match ensure(wish, &Direct, &heard).await {
            Ok(changes) => changes,
            Err(error) => panic!("{caller}: {error}; after {:?}", heard.steps()),
        };
        assert_eq!(changes.steps, heard.steps(), "{caller}");
        let (again, _) = ensure(wish, &Direct, &Heard::default()).await.unwrap();
        assert_eq!(again.steps, [""; 0], "{caller}");
        assert_eq!((&again.before, &again.after), (&changes.after, &changes.after), "{caller}");
        changes.steps
    }
}

async fn foretold(wish: &Wish) -> Vec<String> {
    predict(wish, &look(wish, &Direct).await.unwrap()).unwrap().steps
}

async fn refused(wish: &Wish) -> String {
    ensure(wish, &Direct, &Heard::default()).await.unwrap_err().to_string()
}

#[tokio::test]
async fn a_set_is_formed_with_its_first_user_and_gets_a_member_that_was_down() {
    let Some(mut members) = Members::start(3) else { return };
    let [a, b, c] = [0, 1, 2].map(|index: usize| members.addresses[index].to_string());
    members.kill(2);
    let wish = members.wish(&[0, 1, 2]);
    let foretold_steps = foretold(&wish).await;
    let steps = converges(&wish).await;
    assert_eq!(steps, foretold_steps);
    assert_eq!(
        steps,
        [
            format!("initiate rs0 with {a}"),
            "make the first user, admin".into(),
            format!("add {b}: _id 1, no vote, priority 0"),
            format!("change {b}: _id 1, votes, priority 1"),
        ]
    );
    members.fill(0).await;
    let (changes, _) = ensure(&wish, &Direct, &Heard::default()).await.unwrap();
    assert_eq!(changes.warnings.len(), 1, "{:?}", changes.warnings);
    assert!(changes.warnings[0].contains("is not in the set yet"), "{:?}", changes.warnings);

    members.launch(2, "rs0");
    members.wait(2);
    let steps = converges(&wish).await;
    assert_eq!(
        steps,
        [
            format!("add {c}: _id 2, no vote, priority 0"),
            format!("change {c}: _id 2, votes, priority 1"),
        ]
    );
    assert_eq!(members.digest(2).await, members.digest(0).await);

    // A user of an application: made, unchanged, changed, dropped.
    let role = |name: &str| Role { database: "app".into(), name: name.into() };
    let mut user = User {
        name: "app".into(),
        database: "app".into(),
        password: Some(Password { value: Secret::new("first"), always: true }),
        roles: Some(vec![role("readWrite")]),
        present: true,
    };
    // Asked at a secondary: the primary is found.
    let nodes = vec![members.addresses[2].clone()];
    let set = async |user: &User, check: bool| {
        ensure_user(user, &nodes, Some(&login()), &Direct, check).await.unwrap()
    };
    assert_eq!(set(&user, true).await, set(&user, false).await);
    assert_eq!(set(&user, false).await.steps, [""; 0]);
    user.password = Some(Password { value: Secret::new("second"), always: true });
    user.roles = Some(vec![role("read"), role("dbAdmin")]);
    assert_eq!(
        set(&user, false).await.steps,
        ["change the password of app", "change the roles of app"]
    );
    let change = set(&user, false).await;
    assert_eq!(
        (change.steps.len(), change.after.as_str()),
        (0, "app@app: dbAdmin@app, read@app\n")
    );
    user.present = false;
    assert_eq!(set(&user, false).await.steps, ["drop the user app"]);
    assert_eq!(set(&user, false).await.steps, [""; 0]);

    let mut wrong = members.wish(&[0, 1, 2]);
    wrong.login.as_mut().unwrap().password = Secret::new("wrong");
    assert_eq!(
        refused(&wrong).await,
        format!(
            "MongoDB at {a} refused `saslContinue`: Authentication failed.; is it the password that the set was made with, and does the user exist?"
        )
    );
}

#[tokio::test]
async fn a_set_made_by_hand_is_adopted_and_its_members_are_replaced_and_moved() {
    let Some(mut members) = Members::start(4) else { return };
    let [a, b, c, d] = [0, 1, 2, 3].map(|index: usize| members.addresses[index].to_string());
    let mut client = Client::new(members.addresses[0].clone(), &Direct);
    let seats = [
        doc! {"_id": 4, "host": &a, "priority": 5},
        doc! {"_id": 7, "host": &b},
        doc! {"_id": 9, "host": &c, "priority": 2},
    ];
    let config =
        doc! {"_id": "rs0", "members": &seats[..], "settings": {"electionTimeoutMillis": 2000}};
    client.ask("admin", doc! {"replSetInitiate": config}).await.unwrap();
    let wish = members.wish(&[0, 1, 2]);
    assert_eq!(converges(&wish).await, ["make the first user, admin"]);
    members.fill(0).await;
    let digest = members.digest(0).await;

    // What is said of a member counts.
    let mut special = members.wish(&[0, 1, 2]);
    special.members[1].priority = Some(0.0);
    special.members[1].hidden = Some(true);
    special.members[1].tags = Some([("dc".to_owned(), "east".to_owned())].into());
    let steps = converges(&special).await;
    assert_eq!(steps, [format!("change {b}: _id 7, votes, priority 0, hidden, dc=east")]);

    // The primary is replaced: it steps down first.
    let mut other = members.wish(&[1, 2, 3]);
    other.others = Others::Remove;
    assert_eq!(
        converges(&other).await,
        [
            format!("add {d}: _id 10, no vote, priority 0"),
            format!("change {d}: _id 10, votes, priority 1"),
            format!("{a} steps down as primary"),
            format!("remove {a}: _id 4, votes, priority 5"),
        ]
    );
    assert_eq!(members.digest(3).await, digest);
    let config = members.ask(2, "admin", doc! {"replSetGetConfig": 1}).await;
    let settings = config.get_document("config").unwrap().get_document("settings").unwrap();
    assert_eq!(settings.get_i32("electionTimeoutMillis").unwrap(), 2000, "settings are kept");

    // A member under a new address is found again.
    members.move_away(3);
    let moved = members.addresses[3].to_string();
    let mut wish = members.wish(&[1, 2, 3]);
    assert_eq!(converges(&wish).await, [format!("member 10 moves from {d} to {moved}")]);

    // All but one are gone for good: only `force` makes a set of what is left.
    members.kill(1);
    members.kill(2);
    members.move_away(3);
    let last = members.addresses[3].to_string();
    wish = members.wish(&[3]);
    wish.members[0].id = Some(10);
    wish.timeout = Duration::from_secs(1);
    let text = refused(&wish).await;
    assert!(text.contains("there is no primary") && text.contains("`force: true`"), "{text}");
    wish.timeout = Duration::from_secs(60);
    wish.lost = Lost::Force;
    wish.others = Others::Remove;
    assert_eq!(foretold(&wish).await, [format!("force rs0 to be {last}")]);
    assert_eq!(converges(&wish).await, [format!("force rs0 to be {last}")]);
    assert_eq!(members.digest(3).await, digest);
    let (_, survey) = ensure(&wish, &Direct, &Heard::default()).await.unwrap();
    assert_eq!(table(&survey), [(last, 10, "PRIMARY".to_owned())]);
}

#[tokio::test]
async fn a_set_whose_making_broke_off_anywhere_is_taken_up() {
    let Some(mut members) = Members::start(3) else { return };
    for steps in 1..=5 {
        let wish = members.wish(&[0, 1, 2]);
        let breaking = Break::after(steps);
        tokio::select! {
            biased;
            () = breaking.stop.notified() => {}
            result = ensure(&wish, &Direct, &breaking) => panic!("it was not broken off: {result:?}"),
        }
        assert!(!converges(&wish).await.is_empty(), "after {steps} steps nothing was left to do");
        members.renew();
    }
}

#[tokio::test]
async fn a_set_whose_making_is_cut_off_at_random_is_taken_up() {
    let Some(mut members) = Members::start(3) else { return };
    let wish = members.wish(&[0, 1, 2]);
    let (mut cuts, _) = Cuts::measured(converges(&wish)).await;
    for _ in 0..Cuts::count() {
        members.renew();
        cuts.cut(ensure(&wish, &Direct, &Heard::default())).await;
        converges(&wish).await;
    }
}

#[tokio::test]
async fn changes_of_a_set_that_are_cut_off_at_random_are_taken_up() {
    let Some(mut members) = Members::start(4) else { return };
    let mut old = members.wish(&[0, 1, 2]);
    // The primary stays where it is.
    old.members[0].priority = Some(3.0);
    old.others = Others::Remove;
    let mut new = members.wish(&[0, 3, 1]);
    new.members[0].priority = Some(3.0);
    new.members[2].tags = Some([("dc".to_owned(), "east".to_owned())].into());
    new.others = Others::Remove;
    converges(&old).await;
    members.fill(0).await;
    let digest = members.digest(0).await;
    let (mut cuts, steps) = Cuts::measured(converges(&new)).await;
    assert!(steps.len() >= 3, "{steps:?}");
    for _ in 0..Cuts::pairs() {
        cuts.cut(ensure(&old, &Direct, &Heard::default())).await;
        converges(&old).await;
        cuts.cut(ensure(&new, &Direct, &Heard::default())).await;
        converges(&new).await;
    }
    assert_eq!(members.digest(3).await, digest);

    // A user of an application, by the same measure.
    let role = |name: &str| Role { database: "app".into(), name: name.into() };
    let nodes = vec![members.addresses[1].clone()];
    let user = |password: &str, name: &str| User {
        name: "app".into(),
        database: "app".into(),
        password: Some(Password { value: Secret::new(password), always: true }),
        roles: Some(vec![role(name)]),
        present: true,
    };
    let users =
        [user("one", "read"), user("two", "readWrite"), User { present: false, ..user("", "") }];
    let set = async |user: &User| {
        ensure_user(user, &nodes, Some(&login()), &Direct, false).await.unwrap().steps.len()
    };
    let (mut cuts, _) = Cuts::measured(set(&users[0])).await;
    for round in 1..=Cuts::COUNT {
        let user = &users[round % users.len()];
        cuts.cut(ensure_user(user, &nodes, Some(&login()), &Direct, false)).await;
        set(user).await;
        assert_eq!(set(user).await, 0);
    }

    // Members that are killed in the middle.
    let breaking = Break::after(1);
    tokio::select! {
        biased;
        () = breaking.stop.notified() => {}
        result = ensure(&old, &Direct, &breaking) => panic!("it was not broken off: {result:?}"),
    }
    members.kill(2);
    members.kill(1);
    members.kill(3);
    let mut short = old.clone();
    short.timeout = Duration::from_secs(3);
    let text = refused(&short).await;
    // The primary may have noticed already, or not yet.
    let told = ["the replica set is not as wished after 3 s: ", "voting members left are well"];
    assert!(told.iter().any(|told| text.contains(told)), "{text}");
    for index in [1, 2, 3] {
        members.launch(index, "rs0");
    }
    for index in [1, 2, 3] {
        members.wait(index);
    }
    converges(&old).await;
    assert_eq!(members.digest(2).await, digest);
}

#[tokio::test]
async fn what_would_lose_data_is_refused() {
    let Some(mut members) = Members::start(3) else { return };
    let [a, b, c] = [0, 1, 2].map(|index: usize| members.addresses[index].to_string());
    members.kill(1);
    members.kill(2);
    assert_eq!(
        refused(&members.wish(&[0, 1, 2])).await,
        "1 of 3 members answer: a set is begun when most of them do, because the others may be one already"
    );
    converges(&members.wish(&[0])).await;
    members.launch(1, "rs1");
    members.wait(1);
    let mut other = members.wish(&[1]);
    other.name = "rs1".into();
    converges(&other).await;
    assert_eq!(
        refused(&members.wish(&[0, 1])).await,
        format!(
            "{b} belongs to the replica set rs1, not to rs0: take it out there and empty its data folder first"
        )
    );
    let mut wish = members.wish(&[0]);
    wish.members[0].priority = Some(0.0);
    assert_eq!(refused(&wish).await, "no member could become primary");
    let mut wish = members.wish(&[0, 2]);
    wish.members[0].priority = Some(0.0);
    wish.members[1].address.port = free_port("127.0.0.4", 1);
    assert_eq!(
        refused(&wish).await,
        format!("{a} is the primary, and no other member could take over from it now")
    );
    assert_ne!(c, a);
}
