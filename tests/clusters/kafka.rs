//! Kafka clusters of three real brokers on 127.0.0.2 to 127.0.0.4, each on a rack of its own, which ask for a login.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use fcplay::base::Secret;
use fcplay::clusters::kafka::{
    Client, ClusterWish, Error, Login, Mechanism, Member, Others, Topic, Wish, ensure,
    ensure_cluster, look, predict, predict_cluster, table,
};
use fcplay::clusters::{Address, scram};
use kafka_protocol::indexmap::IndexMap;
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use kafka_protocol::messages::{FetchRequest, ProduceRequest, TopicName};
use kafka_protocol::protocol::StrBytes;
use kafka_protocol::records::{
    Compression, Record, RecordBatchDecoder, RecordBatchEncoder, RecordEncodeOptions, TimestampType,
};

use super::{Break, Direct, Heard, free_port};

const PASSWORD: &str = "only-for-this-test";
/// How much higher the ports of the controllers and between the brokers are.
const CONTROLLER: u16 = 1;
const INSIDE: u16 = 2;

/// What keeps the brokers together.
#[derive(Clone, Copy, PartialEq)]
enum Quorum {
    /// They themselves.
    KRaft,
    /// A ZooKeeper at this port.
    ZooKeeper(u16),
}

struct Brokers {
    folder: tempfile::TempDir,
    jars: PathBuf,
    quorum: Quorum,
    addresses: Vec<Address>,
    children: Vec<Option<Child>>,
    /// The ZooKeeper, when there is one.
    keeper: Option<Child>,
}

impl Brokers {
    /// Starts three brokers; nothing where Kafka is not there.
    async fn start(quorum: fn() -> Quorum) -> Option<Self> {
        let servers = std::env::var("FCPLAY_SERVERS");
        let servers = servers.unwrap_or_else(|_| "/var/cache/fcplay-servers".into());
        let jars = PathBuf::from(servers).join("kafka-3.9.2");
        let java = Command::new("java").arg("-version").stderr(Stdio::null()).status();
        if !jars.exists() || !java.is_ok_and(|status| status.success()) {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let hosts = ["127.0.0.2", "127.0.0.3", "127.0.0.4"];
        let address = |host: &str| Address { port: free_port(host, INSIDE), host: host.into() };
        let mut brokers = Self {
            folder,
            jars,
            quorum: quorum(),
            addresses: hosts.into_iter().map(address).collect(),
            children: vec![None, None, None],
            keeper: None,
        };
        brokers.prepare();
        for index in 0..hosts.len() {
            brokers.launch(index);
        }
        brokers.wait(&[1, 2, 3]).await;
        Some(brokers)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn prepare(&mut self) {
        let console = "org.apache.log4j.ConsoleAppender";
        std::fs::write(
            self.path("log4j"),
            format!(
                "log4j.rootLogger=WARN, out\nlog4j.appender.out={console}\nlog4j.appender.out.layout=org.apache.log4j.SimpleLayout\n"
            ),
        )
        .unwrap();
        if let Quorum::ZooKeeper(port) = self.quorum {
            let data = self.path("keeper");
            let text = format!(
                "tickTime=500\ndataDir={}\nclientPort={port}\nclientPortAddress=127.0.0.1\nadmin.enableServer=false\n",
                data.display()
            );
            std::fs::write(self.path("zoo.cfg"), text).unwrap();
            let main = "org.apache.zookeeper.server.quorum.QuorumPeerMain";
            self.keeper = Some(self.java(64, main, &self.path("zoo.cfg")));
        }
        for index in 0..self.addresses.len() {
            let data = self.path(&format!("data{}", index + 1));
            if self.quorum == Quorum::KRaft {
                std::fs::create_dir(&data).unwrap();
                let formatted = self.jars.join("formatted");
                std::fs::copy(
                    formatted.join("bootstrap.checkpoint"),
                    data.join("bootstrap.checkpoint"),
                )
                .unwrap();
                let meta = std::fs::read_to_string(formatted.join("meta.properties")).unwrap();
                let other =
                    |line: &&str| !line.starts_with("node.id") && !line.starts_with("directory.id");
                let mut lines: Vec<&str> = meta.lines().filter(other).collect();
                let id = format!("node.id={}", index + 1);
                lines.push(&id);
                std::fs::write(data.join("meta.properties"), lines.join("\n")).unwrap();
            }
            let text = self.properties(index, &data);
            std::fs::write(self.path(&format!("{}.properties", index + 1)), text).unwrap();
        }
    }

    fn properties(&self, index: usize, data: &Path) -> String {
        let id = index + 1;
        let Address { host, port } = &self.addresses[index];
        let voters: Vec<String> = (1..)
            .zip(&self.addresses)
            .map(|(id, address)| format!("{id}@{}:{}", address.host, address.port + CONTROLLER))
            .collect();
        let inside = port + INSIDE;
        let mut listeners = format!("SASL_PLAINTEXT://{host}:{port},PLAINTEXT://{host}:{inside}");
        let mechanisms = match self.quorum {
            Quorum::KRaft => "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
            Quorum::ZooKeeper(_) => "PLAIN",
        };
        let own = match self.quorum {
            Quorum::KRaft => {
                listeners.push_str(&format!(",CONTROLLER://{host}:{}", port + CONTROLLER));
                format!(
                    "process.roles=broker,controller\nnode.id={id}\ncontroller.quorum.voters={}\ncontroller.listener.names=CONTROLLER\nbroker.session.timeout.ms=3000\nbroker.heartbeat.interval.ms=500",
                    voters.join(",")
                )
            }
            Quorum::ZooKeeper(port) => format!(
                "broker.id={id}\nzookeeper.connect=127.0.0.1:{port}/kafka\nzookeeper.session.timeout.ms=6000"
            ),
        };
        let module = "org.apache.kafka.common.security";
        format!(
            "{own}
listeners={listeners}
listener.security.protocol.map=SASL_PLAINTEXT:SASL_PLAINTEXT,PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
sasl.enabled.mechanisms={mechanisms}
listener.name.sasl_plaintext.plain.sasl.jaas.config={module}.plain.PlainLoginModule required user_admin=\"{PASSWORD}\";
listener.name.sasl_plaintext.scram-sha-256.sasl.jaas.config={module}.scram.ScramLoginModule required;
listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config={module}.scram.ScramLoginModule required;
broker.rack=rack{id}
log.dirs={}
num.partitions=2
default.replication.factor=2
offsets.topic.num.partitions=3
offsets.topic.replication.factor=3
num.network.threads=2
num.io.threads=2
log.cleaner.dedupe.buffer.size=2097152
log.index.size.max.bytes=65536
auto.create.topics.enable=false
controlled.shutdown.enable=false
",
            data.display()
        )
    }

    fn java(&self, memory: usize, main: &str, file: &Path) -> Child {
        let log = file.with_extension("log");
        let log = std::fs::File::options().create(true).append(true).open(log).unwrap();
        Command::new("java")
            .args(["-Xms32m", &format!("-Xmx{memory}m"), "-XX:+UseSerialGC"])
            .args(["-XX:TieredStopAtLevel=1", "-Xshare:auto"])
            .arg(format!("-Dlog4j.configuration=file:{}", self.path("log4j").display()))
            .arg("-cp")
            .arg(self.jars.join("*"))
            .arg(main)
            .arg(file)
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap()
    }

    fn launch(&mut self, index: usize) {
        let file = self.path(&format!("{}.properties", index + 1));
        self.children[index] = Some(self.java(192, "kafka.Kafka", &file));
    }

    fn kill(&mut self, index: usize) {
        if let Some(mut child) = self.children[index].take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Waits until these are the brokers that are registered.
    async fn wait(&mut self, ids: &[i32]) {
        let end = Instant::now() + Duration::from_secs(120);
        loop {
            let mut client = self.client();
            let metadata = client.metadata().await;
            if let Ok(metadata) = &metadata {
                let mut there: Vec<i32> =
                    metadata.brokers.iter().map(|broker| broker.node_id.0).collect();
                there.sort_unstable();
                if there == ids {
                    return;
                }
            }
            if Instant::now() > end {
                for id in 1..=3 {
                    let log = std::fs::read_to_string(self.path(&format!("{id}.log")));
                    eprintln!("{id}: {}", log.unwrap_or_default());
                }
                panic!("the brokers are not {ids:?}: {metadata:?}");
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    fn login(&self) -> Login {
        let mechanism = match self.quorum {
            Quorum::KRaft => Mechanism::Scram(scram::Mechanism::Sha512),
            Quorum::ZooKeeper(_) => Mechanism::Plain,
        };
        Login { user: "admin".into(), password: Secret::new(PASSWORD), mechanism }
    }

    fn client(&self) -> Client<'static> {
        Client::new(self.addresses.clone(), Some(self.login()), &Direct)
    }

    /// Writes messages, spread over the partitions.
    async fn fill(&self, topic: &str, count: usize, size: usize) {
        let mut client = self.client();
        let metadata = client.metadata().await.unwrap();
        let mut topics = metadata.topics.iter();
        let found = topics.find(|found| found.name.as_ref().unwrap().as_str() == topic).unwrap();
        let partitions = found.partitions.len();
        for partition in &found.partitions {
            let index = usize::try_from(partition.partition_index).unwrap();
            let numbers = (0..count).filter(|number| number % partitions == index);
            let records: Vec<Record> =
                (0..).zip(numbers).map(|(place, number)| record(place, number, size)).collect();
            let options = RecordEncodeOptions { version: 2, compression: Compression::None };
            let mut bytes = BytesMut::new();
            RecordBatchEncoder::encode(&mut bytes, &records, &options).unwrap();
            let data = PartitionProduceData::default()
                .with_index(partition.partition_index)
                .with_records(Some(bytes.freeze()));
            let data =
                TopicProduceData::default().with_name(name(topic)).with_partition_data(vec![data]);
            let request = ProduceRequest::default()
                .with_acks(-1)
                .with_timeout_ms(30_000)
                .with_topic_data(vec![data]);
            let answer = client.broker(partition.leader_id.0, &request).await.unwrap();
            assert_eq!(answer.responses[0].partition_responses[0].error_code, 0);
        }
    }

    /// Returns how many messages a topic has, and their checksum.
    async fn digest(&self, topic: &str) -> (usize, u64) {
        let mut client = self.client();
        let metadata = client.metadata().await.unwrap();
        let mut topics = metadata.topics.iter();
        let found = topics.find(|found| found.name.as_ref().unwrap().as_str() == topic).unwrap();
        let mut values: Vec<Bytes> = Vec::new();
        for partition in &found.partitions {
            let mut offset = 0;
            loop {
                let wanted = FetchPartition::default()
                    .with_partition(partition.partition_index)
                    .with_fetch_offset(offset)
                    .with_partition_max_bytes(1 << 20);
                let wanted =
                    FetchTopic::default().with_topic(name(topic)).with_partitions(vec![wanted]);
                let request = FetchRequest::default()
                    .with_replica_id((-1).into())
                    .with_max_wait_ms(1)
                    .with_topics(vec![wanted]);
                let answer = client.broker(partition.leader_id.0, &request).await.unwrap();
                let data = &answer.responses[0].partitions[0];
                assert_eq!(data.error_code, 0);
                let mut bytes = data.records.clone().unwrap_or_default();
                let sets = RecordBatchDecoder::decode_all(&mut bytes).unwrap();
                let records = sets.into_iter().flat_map(|set| set.records);
                let fresh: Vec<Record> = records.filter(|record| record.offset >= offset).collect();
                let Some(last) = fresh.last() else { break };
                offset = last.offset + 1;
                values.extend(fresh.into_iter().filter_map(|record| record.value));
            }
        }
        values.sort_unstable();
        let mut hasher = DefaultHasher::new();
        values.hash(&mut hasher);
        (values.len(), hasher.finish())
    }

    /// Makes it so, and checks that it was predicted, and that nothing is left to do.
    async fn made(&self, wish: &Wish) -> Vec<String> {
        let mut client = self.client();
        let found = look(wish, &mut client).await.unwrap();
        let foretold = predict(wish, &found, &mut client).await.unwrap().0;
        let heard = Heard::default();
        let (changes, _) = match ensure(wish, &mut self.client(), &heard).await {
            Ok(changes) => changes,
            Err(error) => panic!("{error}; after {:?}", heard.steps()),
        };
        assert_eq!(changes.steps, heard.steps());
        assert_eq!(changes.warnings, [""; 0]);
        assert_eq!(changes, foretold);
        self.assert_made(wish, &changes.after).await;
        changes.steps
    }

    async fn assert_made(&self, wish: &Wish, after: &str) {
        let (again, _) = ensure(wish, &mut self.client(), &Heard::default()).await.unwrap();
        assert_eq!(again.steps, [""; 0]);
        assert_eq!((again.before.as_str(), again.after.as_str()), (after, after));
    }

    async fn refused(&self, wish: &Wish) -> String {
        ensure(wish, &mut self.client(), &Heard::default()).await.unwrap_err().to_string()
    }
}

impl Drop for Brokers {
    fn drop(&mut self) {
        for child in self.children.iter_mut().chain([&mut self.keeper]).flatten() {
            let _gone = child.kill();
            let _gone = child.wait();
        }
    }
}

fn name(topic: &str) -> TopicName {
    TopicName(StrBytes::from_string(topic.to_owned()))
}

fn record(place: i32, number: usize, size: usize) -> Record {
    let value = format!("message {number} {}", "x".repeat(size));
    Record {
        transactional: false,
        control: false,
        delete_horizon: false,
        partition_leader_epoch: -1,
        producer_id: -1,
        producer_epoch: -1,
        timestamp_type: TimestampType::Creation,
        offset: place.into(),
        sequence: place,
        timestamp: 0,
        key: Some(Bytes::from(number.to_string())),
        value: Some(Bytes::from(value)),
        headers: IndexMap::new(),
    }
}

fn topic(name: &str, partitions: usize, factor: usize, config: &[(&str, Option<&str>)]) -> Topic {
    let config = config.iter().map(|(key, value)| ((*key).to_owned(), value.map(str::to_owned)));
    Topic {
        partitions: Some(partitions),
        factor: Some(factor),
        config: config.collect(),
        ..Topic::named(name)
    }
}

fn wish(topics: &[Topic]) -> Wish {
    Wish {
        topics: topics.to_vec(),
        others: Others::Keep,
        throttle: None,
        timeout: Duration::from_secs(60),
    }
}

#[tokio::test]
async fn topics_through_all_their_changes_while_the_messages_stay() {
    let Some(mut brokers) = Brokers::start(|| Quorum::KRaft).await else { return };
    changes(&brokers).await;
    many(&brokers).await;
    mistakes(&brokers).await;
    broken_off(&brokers).await;
    whole(&brokers).await;
    emptied(&brokers).await;
    one_down(&mut brokers).await;
}

#[tokio::test]
async fn topics_of_brokers_with_zookeeper() {
    if std::env::var_os("FCPLAY_LONG").is_none() {
        return; // another half a minute for much the same
    }
    let quorum = || Quorum::ZooKeeper(free_port("127.0.0.1", 1));
    let Some(mut brokers) = Brokers::start(quorum).await else { return };
    changes(&brokers).await;
    broken_off(&brokers).await;
    whole(&brokers).await;
    emptied(&brokers).await;
    one_down(&mut brokers).await;
}

async fn changes(brokers: &Brokers) {
    let made = async |topics: &[Topic]| brokers.made(&wish(topics)).await;
    assert_eq!(
        made(&[topic("t", 2, 1, &[("retention.ms", Some("86400000"))]), Topic::named("u")]).await,
        [
            "create topic t: 2 partitions, 1 replicas, retention.ms=86400000",
            "create topic u: 2 partitions, 2 replicas"
        ]
    );
    brokers.fill("t", 3000, 50).await;
    let digest = brokers.digest("t").await;
    assert_eq!(digest.0, 3000);
    assert_eq!(
        made(&[topic(
            "t",
            6,
            3,
            &[("retention.ms", None), ("cleanup.policy", Some("delete,compact"))]
        )])
        .await,
        [
            "topic t: set cleanup.policy=delete,compact, unset retention.ms",
            "topic t grows from 2 to 6 partitions",
            "topic t gets 3 replicas instead of 1: 6 partitions move"
        ]
    );
    assert_eq!(brokers.digest("t").await, digest);
    let mut exact = wish(&[topic("t", 6, 2, &[("segment.bytes", Some("1048576"))])]);
    exact.others = Others::Remove;
    assert_eq!(
        brokers.made(&exact).await,
        [
            "topic t: set segment.bytes=1048576, unset cleanup.policy",
            "topic t gets 2 replicas instead of 3: 6 partitions move"
        ]
    );
    assert_eq!(brokers.digest("t").await, digest);
    let found = look(&exact, &mut brokers.client()).await.unwrap();
    let config = [("segment.bytes".to_owned(), "1048576".to_owned())].into();
    assert_eq!(table(&exact, &found)["t"], (6, "2".to_owned(), config));
    let gone = Topic { present: false, ..Topic::named("u") };
    assert_eq!(made(&[gone]).await, ["delete topic u"]);
}

async fn many(brokers: &Brokers) {
    let topics = |config: &[(&str, Option<&str>)]| -> Vec<Topic> {
        (0..200).map(|number| topic(&format!("many{number}"), 1, 1, config)).collect()
    };
    let mut client = brokers.client();
    let wish = |config| wish(&topics(config));
    let changed = async |wish: &Wish, client: &mut Client<'_>| {
        let before = client.requests();
        let (changes, _) = ensure(wish, client, &Heard::default()).await.unwrap();
        (changes.steps.len(), client.requests() - before)
    };
    let (steps, requests) = changed(&wish(&[]), &mut client).await;
    // A few requests, and as many looks as it takes until all brokers have heard of it.
    assert_eq!(steps, 200);
    assert!(requests < 100, "{requests} requests");
    let config = [("retention.ms", Some("1000000"))];
    let (steps, requests) = changed(&wish(&config), &mut client).await;
    assert_eq!(steps, 200);
    assert!(requests < 100, "{requests} requests");
    assert_eq!(changed(&wish(&config), &mut client).await, (0, 3));
    let mut gone = wish(&[]);
    gone.topics.iter_mut().for_each(|topic| topic.present = false);
    assert_eq!(changed(&gone, &mut client).await.0, 200);
}

async fn mistakes(brokers: &Brokers) {
    let fewer = brokers.refused(&wish(&[topic("t", 2, 2, &[])])).await;
    assert!(fewer.starts_with("topic t has 6 partitions, and Kafka cannot make them 2"), "{fewer}");
    // One of two is made: the task says so, and what is wrong with the other.
    let both = wish(&[topic("good", 1, 1, &[]), topic("bad", 1, 1, &[("no.such", Some("1"))])]);
    let heard = Heard::default();
    let error = ensure(&both, &mut brokers.client(), &heard).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "Kafka refused `CreateTopics` for topic bad: Unknown topic config name: no.such"
    );
    assert_eq!(heard.steps(), ["create topic good: 1 partitions, 1 replicas"]);
    let mut client = brokers.client();
    let found = look(&both, &mut client).await.unwrap();
    let foretold = predict(&both, &found, &mut client).await.unwrap_err();
    assert_eq!(foretold.to_string(), error.to_string());
    let login = |login| Client::new(brokers.addresses.clone(), login, &Direct);
    let first = &brokers.addresses[0];
    let said = async |mut client: Client<'_>| client.metadata().await.unwrap_err().to_string();
    assert_eq!(
        said(login(None)).await,
        format!(
            "cannot talk to Kafka at {first}: it closed the connection; does this listener ask for a login, or for TLS?"
        )
    );
    let wrong = Login { password: Secret::new("wrong"), ..brokers.login() };
    assert_eq!(
        said(login(Some(wrong))).await,
        format!(
            "cannot log in at Kafka {first}: Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-512"
        )
    );
    let other = Mechanism::Scram(scram::Mechanism::Sha1);
    let other = Login { mechanism: other, ..brokers.login() };
    assert!(matches!(login(Some(other)).metadata().await, Err(Error::Login { .. })));
    for mechanism in [Mechanism::Plain, Mechanism::Scram(scram::Mechanism::Sha256)] {
        let other = Login { mechanism, ..brokers.login() };
        assert_eq!(login(Some(other)).metadata().await.unwrap().brokers.len(), 3);
    }
}

async fn broken_off(brokers: &Brokers) {
    let small = wish(&[topic("b", 2, 1, &[])]);
    let mut large = wish(&[topic("b", 3, 3, &[("retention.ms", Some("86400000"))])]);
    large.throttle = Some(500_000);
    for steps in 1..=3 {
        brokers.made(&small).await;
        brokers.fill("b", 200, 5_000).await;
        let digest = brokers.digest("b").await;
        let breaking = Break::after(steps);
        let mut client = brokers.client();
        tokio::select! {
            biased;
            () = breaking.stop.notified() => {}
            result = ensure(&large, &mut client, &breaking) => panic!("it was not broken off: {result:?}"),
        }
        let (changes, _) = ensure(&large, &mut brokers.client(), &Heard::default()).await.unwrap();
        // It ends with what slowed the move down being taken away.
        let last = changes.steps.last().unwrap();
        assert_eq!(last, "moves of b are slowed down no more", "{steps}: {:?}", changes.steps);
        assert_eq!(brokers.digest("b").await, digest);
        brokers.assert_made(&large, &changes.after).await;
        let mut gone = small.clone();
        gone.topics[0].present = false;
        brokers.made(&gone).await;
    }
}

fn cluster(brokers: &Brokers) -> ClusterWish {
    let member = |address: &Address| Member { address: address.clone(), id: None };
    ClusterWish {
        brokers: brokers.addresses.iter().map(member).collect(),
        emptied: [].into(),
        throttle: None,
        timeout: Duration::from_secs(60),
    }
}

async fn whole(brokers: &Brokers) {
    let mut wish = cluster(brokers);
    for (id, member) in (1..).zip(&mut wish.brokers) {
        member.id = Some(id);
    }
    let mut client = brokers.client();
    let (changes, found) = ensure_cluster(&wish, &mut client, &Heard::default()).await.unwrap();
    assert_eq!((changes.steps, changes.warnings), (vec![], vec![]));
    assert_eq!(changes.before, changes.after);
    let rows = (1..)
        .zip(&brokers.addresses)
        .map(|(id, address)| (id, address.to_string(), Some(format!("rack{id}"))));
    assert_eq!(found.brokers(), rows.collect::<Vec<_>>());
    assert!((1..=3).contains(&found.controller().unwrap()));
    match brokers.quorum {
        Quorum::KRaft => {
            assert_eq!(
                (found.mode(), found.cluster()),
                (Some("kraft"), Some("ZmNwbGF5LW9ubHktdGVzdA"))
            );
        }
        Quorum::ZooKeeper(_) => assert_eq!(found.mode(), Some("zookeeper")),
    }
    // The other listeners lead to the same brokers; they ask for no login.
    let mut inside = wish.clone();
    inside.brokers.iter_mut().for_each(|member| member.address.port += INSIDE);
    let seeds = inside.brokers.iter().map(|member| member.address.clone()).collect();
    let mut plain = Client::new(seeds, None, &Direct);
    let (_, found) = ensure_cluster(&inside, &mut plain, &Heard::default()).await.unwrap();
    assert_eq!(found.brokers().len(), 3);
    wish.brokers[0].id = Some(2);
    let error = ensure_cluster(&wish, &mut client, &Heard::default()).await.unwrap_err();
    let first = &brokers.addresses[0];
    assert!(error.to_string().starts_with(&format!("{first} is broker 1, and should be 2")));
}

async fn emptied(brokers: &Brokers) {
    let three = wish(&[topic("e", 2, 3, &[])]);
    let mut empty = cluster(brokers);
    empty.emptied = [3].into();
    empty.throttle = Some(50_000_000);
    brokers.made(&three).await;
    let mut client = brokers.client();
    let error = ensure_cluster(&empty, &mut client, &Heard::default()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "broker 3 cannot be emptied: e-0 has 3 replicas, and 2 other brokers are registered; lower its `replication_factor` first, or add a broker"
    );
    let two = wish(&[topic("e", 2, 2, &[]), topic("t", 6, 2, &[])]);
    brokers.made(&two).await;
    brokers.fill("e", 500, 1_000).await;
    let digest = brokers.digest("e").await;
    let foretold = predict_cluster(&empty, &mut client).await.unwrap().0;
    let heard = Heard::default();
    let (changes, _) = ensure_cluster(&empty, &mut client, &heard).await.unwrap();
    assert_eq!(changes.steps, heard.steps());
    assert_eq!(changes, foretold);
    let last = changes.after.lines().last().unwrap();
    assert!(last.starts_with("broker 3 ") && last.ends_with(": 0 replicas"), "{}", changes.after);
    let text = changes.steps.join("; ");
    assert!(text.contains("topic t leaves broker 3: ") && text.contains("slowed down no more"));
    assert_eq!(brokers.digest("e").await, digest);
    let mut client = brokers.client();
    let (again, _) = ensure_cluster(&empty, &mut client, &Heard::default()).await.unwrap();
    assert_eq!(again.steps, [""; 0]);
    brokers.made(&wish(&[topic("e", 2, 3, &[]), topic("t", 6, 3, &[])])).await;
}

async fn one_down(brokers: &mut Brokers) {
    let whole = wish(&[topic("t", 6, 3, &[])]);
    brokers.made(&whole).await;
    brokers.kill(2);
    brokers.wait(&[1, 2]).await;
    let (changes, _) = ensure(&whole, &mut brokers.client(), &Heard::default()).await.unwrap();
    assert_eq!(changes.steps, [""; 0]);
    let warning = &changes.warnings[0];
    assert!(warning.starts_with("broker 3 is down, and has "), "{warning}");
    // What the others can do is done.
    let other = wish(&[topic("d", 2, 2, &[])]);
    let (changes, _) = ensure(&other, &mut brokers.client(), &Heard::default()).await.unwrap();
    assert_eq!(changes.steps, ["create topic d: 2 partitions, 2 replicas"]);
    let mut wish = cluster(brokers);
    wish.timeout = Duration::from_millis(500);
    let (changes, found) =
        ensure_cluster(&wish, &mut brokers.client(), &Heard::default()).await.unwrap();
    let third = &brokers.addresses[2];
    assert_eq!(
        changes.warnings[0],
        format!("{third} does not answer: Connection refused (os error 111)")
    );
    assert_eq!(found.brokers().len(), 2);
    brokers.launch(2);
    wish.timeout = Duration::from_secs(60);
    let (changes, found) =
        ensure_cluster(&wish, &mut brokers.client(), &Heard::default()).await.unwrap();
    assert_eq!((changes.warnings, found.brokers().len()), (vec![], 3));
    let (changes, _) = ensure(&whole, &mut brokers.client(), &Heard::default()).await.unwrap();
    assert_eq!((changes.steps, changes.warnings), (vec![], vec![]));
}
