//! The requests that are sent: what answers them, and since which Kafka they exist. The crate's own pairing needs the
//! server's half of the protocol too.

use kafka_protocol::messages as k;
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, Message};

/// A request.
pub trait Call: Encodable + HeaderVersion + Message + Send + Sync {
    /// What answers it.
    type Answer: Decodable + HeaderVersion + Send;
    /// Its number.
    const KEY: i16;
    /// Its name.
    const NAME: &'static str;
    /// The newest version that is spoken.
    const NEWEST: i16;
    /// The Kafka that it, in the oldest version that is spoken, came with.
    const SINCE: &'static str;
}

macro_rules! calls {
    ($( $request:ident, $answer:ident, $key:literal, $name:literal, $newest:expr, $since:literal; )*) => {$(
        impl Call for k::$request {
            type Answer = k::$answer;
            const KEY: i16 = $key;
            const NAME: &'static str = $name;
            const NEWEST: i16 = $newest;
            const SINCE: &'static str = $since;
        }
    )*};
}

/// The newest version that the crate knows.
macro_rules! newest {
    ($request:ident) => {
        <k::$request as Message>::VERSIONS.max
    };
}

// Newer versions of DeleteTopics, Fetch and Produce name topics by another number, which nobody needs here.
calls! {
    AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse, 45, "AlterPartitionReassignments", 0, "2.4";
    ApiVersionsRequest, ApiVersionsResponse, 18, "ApiVersions", newest!(ApiVersionsRequest), "0.10";
    CreatePartitionsRequest, CreatePartitionsResponse, 37, "CreatePartitions", newest!(CreatePartitionsRequest), "1.0";
    CreateTopicsRequest, CreateTopicsResponse, 19, "CreateTopics", newest!(CreateTopicsRequest), "0.11";
    DeleteTopicsRequest, DeleteTopicsResponse, 20, "DeleteTopics", 5, "0.11";
    DescribeConfigsRequest, DescribeConfigsResponse, 32, "DescribeConfigs", newest!(DescribeConfigsRequest), "1.1";
    DescribeQuorumRequest, DescribeQuorumResponse, 55, "DescribeQuorum", 1, "3.3";
    FetchRequest, FetchResponse, 1, "Fetch", 12, "0.11";
    IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse, 44, "IncrementalAlterConfigs", newest!(IncrementalAlterConfigsRequest), "2.3";
    ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse, 46, "ListPartitionReassignments", newest!(ListPartitionReassignmentsRequest), "2.4";
    MetadataRequest, MetadataResponse, 3, "Metadata", newest!(MetadataRequest), "0.10";
    ProduceRequest, ProduceResponse, 0, "Produce", 9, "0.11";
    SaslAuthenticateRequest, SaslAuthenticateResponse, 36, "SaslAuthenticate", newest!(SaslAuthenticateRequest), "1.0";
    SaslHandshakeRequest, SaslHandshakeResponse, 17, "SaslHandshake", 1, "1.0";
}
