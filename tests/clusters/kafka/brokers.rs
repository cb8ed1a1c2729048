//! Three real brokers, with KRaft or ZooKeeper.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant, SystemTime};

use bytes::{Bytes, BytesMut};
use fcplay::base::Secret;
use fcplay::clusters::kafka::{Client, Login, Mechanism, Wish, ensure, look, predict};
use fcplay::clusters::{Address, scram};
use kafka_protocol::indexmap::IndexMap;
use kafka_protocol::messages::create_topics_request::CreatableTopic;
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use kafka_protocol::messages::incremental_alter_configs_request::{
    AlterConfigsResource, AlterableConfig,
};
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use kafka_protocol::messages::{
    CreateTopicsRequest, DescribeConfigsRequest, FetchRequest, IncrementalAlterConfigsRequest,
    ProduceRequest, TopicName,
};
use kafka_protocol::protocol::StrBytes;
use kafka_protocol::records::{
    Compression, Record, RecordBatchDecoder, RecordBatchEncoder, RecordEncodeOptions, TimestampType,
};

use super::super::{Direct, Heard, free_port, jars};

const PASSWORD: &str = "only-for-this-test";
/// How much higher the ports of the controllers and between the brokers are.
const CONTROLLER: u16 = 1;
pub(super) const INSIDE: u16 = 2;
/// What has settings, and who made them.
pub(super) const TOPIC: i8 = 2;
pub(super) const BROKER: i8 = 4;
const OF_THE_TOPIC: i8 = 1;
const OF_THE_BROKER: i8 = 2;

/// What keeps the brokers together.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Quorum {
    /// They themselves.
    KRaft,
    /// A ZooKeeper at this port.
    ZooKeeper(u16),
}

pub(super) struct Brokers {
    folder: tempfile::TempDir,
    jars: PathBuf,
    pub(super) quorum: Quorum,
    pub(super) addresses: Vec<Address>,
    children: Vec<Option<Child>>,
    /// The ZooKeeper, when there is one.
    keeper: Option<Child>,
}

impl Brokers {
    /// Starts three brokers; nothing where Kafka is not there.
    pub(super) async fn start(quorum: fn() -> Quorum) -> Option<Self> {
        let jars = jars()?;
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

    pub(super) fn launch(&mut self, index: usize) {
        let file = self.path(&format!("{}.properties", index + 1));
        self.children[index] = Some(self.java(192, "kafka.Kafka", &file));
    }

    pub(super) fn kill(&mut self, index: usize) {
        if let Some(mut child) = self.children[index].take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Waits until these are the brokers that are registered.
    pub(super) async fn wait(&mut self, ids: &[i32]) {
        let end = Instant::now() + Duration::from_secs(120);
        loop {
            let mut client = self.client();
            let metadata = client.metadata().await;
            if let Ok(metadata) = &metadata {
                let mut there: Vec<i32> =
                    metadata.brokers.iter().map(|broker| broker.node_id.0).collect();
                there.sort_unstable();
                // With ZooKeeper they are registered before they listen.
                let listens = |id: &i32| {
                    let place = usize::try_from(*id).unwrap() - 1;
                    let Address { host, port } = &self.addresses[place];
                    TcpStream::connect((host.as_str(), *port)).is_ok()
                };
                if there == ids && ids.iter().all(listens) {
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

    pub(super) fn login(&self) -> Login {
        let mechanism = match self.quorum {
            Quorum::KRaft => Mechanism::Scram(scram::Mechanism::Sha512),
            Quorum::ZooKeeper(_) => Mechanism::Plain,
        };
        Login { user: "admin".into(), password: Secret::new(PASSWORD), mechanism }
    }

    pub(super) fn client(&self) -> Client<'static> {
        Client::new(self.addresses.clone(), Some(self.login()), &Direct)
    }

    /// Writes messages, spread over the partitions.
    pub(super) async fn fill(&self, topic: &str, count: usize, size: usize) {
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
    pub(super) async fn digest(&self, topic: &str) -> (usize, u64) {
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
    pub(super) async fn made(&self, wish: &Wish) -> Vec<String> {
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

    pub(super) async fn assert_made(&self, wish: &Wish, after: &str) {
        let (again, _) = ensure(wish, &mut self.client(), &Heard::default()).await.unwrap();
        assert_eq!(again.steps, [""; 0]);
        assert_eq!((again.before.as_str(), again.after.as_str()), (after, after));
    }

    /// Makes a topic by hand.
    pub(super) async fn create(&self, topic: &str, partitions: i32, factor: i16) {
        let topic = CreatableTopic::default()
            .with_name(name(topic))
            .with_num_partitions(partitions)
            .with_replication_factor(factor);
        let request = CreateTopicsRequest::default().with_topics(vec![topic]);
        let mut client = self.client();
        client.metadata().await.unwrap();
        let answer = client.controller(&request.with_timeout_ms(30_000)).await.unwrap();
        assert_eq!(answer.topics[0].error_code, 0);
        // Each broker hears of it in its own time.
        tokio::time::sleep(Duration::from_millis(500)).await;
    }

    /// Sets something by hand, or takes it away.
    pub(super) async fn set(&self, kind: i8, name: &str, key: &'static str, value: Option<&str>) {
        let setting = AlterableConfig::default()
            .with_name(StrBytes::from_static_str(key))
            .with_config_operation(i8::from(value.is_none()))
            .with_value(value.map(|value| StrBytes::from_string(value.to_owned())));
        let resource = AlterConfigsResource::default()
            .with_resource_type(kind)
            .with_resource_name(StrBytes::from_string(name.to_owned()))
            .with_configs(vec![setting]);
        let request = IncrementalAlterConfigsRequest::default().with_resources(vec![resource]);
        let mut client = self.client();
        client.metadata().await.unwrap();
        let answer = match kind {
            BROKER => client.broker(name.parse().unwrap(), &request).await,
            _ => client.controller(&request).await,
        };
        assert_eq!(answer.unwrap().responses[0].error_code, 0);
        for id in 1..=3 {
            let broker = if kind == BROKER { name.parse().unwrap() } else { id };
            while self.get_from(broker, kind, name, key).await.as_deref() != value {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    /// Returns a setting as the brokers have it.
    pub(super) async fn get(&self, kind: i8, name: &str, key: &'static str) -> Option<String> {
        self.get_from(name.parse().unwrap_or(1), kind, name, key).await
    }

    async fn get_from(&self, id: i32, kind: i8, name: &str, key: &'static str) -> Option<String> {
        let resource = DescribeConfigsResource::default()
            .with_resource_type(kind)
            .with_resource_name(StrBytes::from_string(name.to_owned()))
            .with_configuration_keys(Some(vec![StrBytes::from_static_str(key)]));
        let request = DescribeConfigsRequest::default().with_resources(vec![resource]);
        let mut client = self.client();
        client.metadata().await.unwrap();
        let answer = client.broker(id, &request).await.unwrap();
        let config = answer.results[0].configs.first()?;
        let own = [OF_THE_TOPIC, OF_THE_BROKER].contains(&config.config_source);
        config.value.as_ref().filter(|_| own).map(|value| value.to_string())
    }

    pub(super) async fn refused(&self, wish: &Wish) -> String {
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
    // What is older than the retention is deleted, half a minute after the start.
    let age = SystemTime::UNIX_EPOCH.elapsed().unwrap();
    let timestamp = i64::try_from(age.as_millis()).unwrap();
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
        timestamp,
        key: Some(Bytes::from(number.to_string())),
        value: Some(Bytes::from(value)),
        headers: IndexMap::new(),
    }
}
