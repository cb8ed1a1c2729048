//! A replica set of real members on 127.0.0.2 to 127.0.0.5, which ask for a login and trust each other by a key file.

use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bson::{Document, doc};
use fcplay::base::Secret;
use fcplay::clusters::Address;
use fcplay::clusters::mongo::{
    Client, Login, Lost, Member, Others, Password, Role, User, Wish, ensure, ensure_user, look,
    predict, table,
};

use super::{Break, Direct, Heard, free_port, server};

struct Members {
    folder: tempfile::TempDir,
    program: PathBuf,
    addresses: Vec<Address>,
    children: Vec<Option<Child>>,
}

impl Members {
    /// Starts so many members; nothing where MongoDB is not there.
    fn start(count: usize) -> Option<Self> {
        let program = server("mongodb-6.0.5/mongod")?;
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("key");
        std::fs::write(&key, "b25seSBmb3IgdGhpcyB0ZXN0").unwrap();
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o400)).unwrap();
        let mut members = Self { folder, program, addresses: Vec::new(), children: Vec::new() };
        for index in 0..count {
            let host = format!("127.0.0.{}", index + 2);
            members.addresses.push(Address { port: free_port(&host, 1), host });
            members.children.push(None);
            members.launch(index, "rs0");
        }
        for index in 0..count {
            members.wait(index);
        }
        Some(members)
    }

    fn launch(&mut self, index: usize, set: &str) {
        let address = &self.addresses[index];
        let folder = self.folder.path().join(index.to_string());
        std::fs::create_dir_all(&folder).unwrap();
        let child = Command::new(&self.program)
            .args(["--replSet", set, "--bind_ip", &format!("127.0.0.1,{}", address.host)])
            .args(["--port", &address.port.to_string(), "--oplogSize", "8", "--nounixsocket"])
            .args(["--wiredTigerCacheSizeGB", "0.25"])
            .args(["--setParameter", "diagnosticDataCollectionEnabled=false"])
            .args(["--setParameter", "shutdownTimeoutMillisForSignaledShutdown=100"])
            .arg("--keyFile")
            .arg(self.folder.path().join("key"))
            .arg("--dbpath")
            .arg(&folder)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        self.children[index] = Some(child);
    }

    fn wait(&self, index: usize) {
        let address = &self.addresses[index];
        let end = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect((address.host.as_str(), address.port)).is_err() {
            assert!(Instant::now() < end, "mongod does not listen at {address}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn kill(&mut self, index: usize) {
        if let Some(mut child) = self.children[index].take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Gives a member a new address; its data stay.
    fn move_away(&mut self, index: usize) {
        self.kill(index);
        let host = self.addresses[index].host.clone();
        self.addresses[index].port = free_port(&host, 1);
        self.launch(index, "rs0");
        self.wait(index);
    }

    fn wish(&self, members: &[usize]) -> Wish {
        let member = |index: &usize| Member::at(self.addresses[*index].clone());
        Wish {
            name: "rs0".into(),
            members: members.iter().map(member).collect(),
            login: Some(login()),
            others: Others::Keep,
            lost: Lost::Wait,
            timeout: Duration::from_secs(60),
        }
    }

    async fn ask(&self, index: usize, database: &str, command: Document) -> Document {
        let mut client = Client::new(self.addresses[index].clone(), &Direct);
        client.log_in(&login()).await.unwrap();
        client.ask(database, command).await.unwrap()
    }

    /// Writes a thousand documents on the primary, to most members.
    async fn fill(&self, primary: usize) {
        let documents: Vec<Document> = (0..1000).map(|number| doc! {"_id": number}).collect();
        let concern = doc! {"w": "majority"};
        self.ask(
            primary,
            "app",
            doc! {"insert": "things", "documents": documents, "writeConcern": concern},
        )
        .await;
    }

    /// Returns the checksum of what was written, as a member has it.
    async fn digest(&self, index: usize) -> String {
        let answer = self.ask(index, "app", doc! {"dbHash": 1}).await;
        answer.get_str("md5").unwrap().to_owned()
    }
}

impl Drop for Members {
    fn drop(&mut self) {
        for index in 0..self.children.len() {
            self.kill(index);
        }
    }
}

fn login() -> Login {
    Login {
        user: "admin".into(),
        password: Secret::new("only for this täst"),
        database: "admin".into(),
    }
}

/// Makes it so, and checks that all was predicted, and that nothing is left to do.
#[track_caller]
fn made<'a>(wish: &'a Wish) -> impl Future<Output = Vec<String>> + use<'a> {
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
    let steps = made(&wish).await;
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
    let steps = made(&wish).await;
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
    assert_eq!(made(&wish).await, ["make the first user, admin"]);
    members.fill(0).await;
    let digest = members.digest(0).await;

    // What is said of a member counts.
    let mut special = members.wish(&[0, 1, 2]);
    special.members[1].priority = Some(0.0);
    special.members[1].hidden = Some(true);
    special.members[1].tags = Some([("dc".to_owned(), "east".to_owned())].into());
    let steps = made(&special).await;
    assert_eq!(steps, [format!("change {b}: _id 7, votes, priority 0, hidden, dc=east")]);

    // The primary is replaced: it steps down first.
    let mut other = members.wish(&[1, 2, 3]);
    other.others = Others::Remove;
    assert_eq!(
        made(&other).await,
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
    assert_eq!(made(&wish).await, [format!("member 10 moves from {d} to {moved}")]);

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
    assert_eq!(made(&wish).await, [format!("force rs0 to be {last}")]);
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
        assert!(!made(&wish).await.is_empty(), "after {steps} steps nothing was left to do");
        for index in 0..3 {
            members.kill(index);
            std::fs::remove_dir_all(members.folder.path().join(index.to_string())).unwrap();
            members.launch(index, "rs0");
        }
        for index in 0..3 {
            members.wait(index);
        }
    }
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
    made(&members.wish(&[0])).await;
    members.launch(1, "rs1");
    members.wait(1);
    let mut other = members.wish(&[1]);
    other.name = "rs1".into();
    made(&other).await;
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
