//! The wire: frames with their length in front, requests and answers that belong together by a number, and the version of
//! each request that both sides know.

use std::collections::HashMap;
use std::io;

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::messages::{ApiVersionsRequest, RequestHeader, ResponseHeader};
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, StrBytes};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::message::Call;
use crate::clusters::Line;

/// The longest answer that is read, in bytes: that of a cluster with a million partitions.
const LONGEST: usize = 256 << 20;
/// The version of the first request: all brokers know the oldest one.
const HELLO: i16 = 0;

/// A connection.
pub(super) struct Wire {
    line: Box<dyn Line>,
    last: i32,
    /// The versions of each request that the broker knows, by the request's number.
    versions: HashMap<i16, (i16, i16)>,
}

impl Wire {
    /// Starts on a stream that is open, and asks what the broker knows.
    pub(super) async fn start(line: Box<dyn Line>) -> io::Result<Self> {
        let mut wire = Self { line, last: 0, versions: HashMap::new() };
        let hello = ApiVersionsRequest::default();
        let bytes = wire.round_trip(&hello, ApiVersionsRequest::KEY, HELLO).await?;
        wire.versions = versions(&bytes[4..]).ok_or_else(garbled)?;
        Ok(wire)
    }

    /// Returns whether the broker knows a request.
    pub(super) fn knows(&self, key: i16) -> bool {
        self.versions.contains_key(&key)
    }

    /// Returns the newest version of a request that both sides know.
    pub(super) fn version<C: Call>(&self) -> Option<i16> {
        let (oldest, newest) = *self.versions.get(&C::KEY)?;
        let version = newest.min(C::NEWEST);
        (version >= oldest.max(C::VERSIONS.min)).then_some(version)
    }

    /// Sends a request and returns the answer.
    pub(super) async fn ask<C: Call>(&mut self, call: &C, version: i16) -> io::Result<C::Answer> {
        let bytes = self.round_trip(call, C::KEY, version).await?;
        decode::<C::Answer>(bytes, version)
    }

    async fn round_trip<R: Encodable + HeaderVersion + Sync>(
        &mut self,
        request: &R,
        key: i16,
        version: i16,
    ) -> io::Result<Bytes> {
        self.last += 1;
        self.line.write_all(&encode(request, key, version, self.last)?).await?;
        self.line.flush().await?;
        let length = usize::try_from(self.line.read_i32().await?).unwrap_or(0);
        if !(4..=LONGEST).contains(&length) {
            return Err(garbled());
        }
        let mut bytes = vec![0; length];
        self.line.read_exact(&mut bytes).await?;
        if bytes[..4] != self.last.to_be_bytes() {
            return Err(garbled());
        }
        Ok(bytes.into())
    }
}

fn encode<R: Encodable + HeaderVersion>(
    request: &R,
    key: i16,
    version: i16,
    number: i32,
) -> io::Result<BytesMut> {
    let header = RequestHeader::default()
        .with_request_api_key(key)
        .with_request_api_version(version)
        .with_correlation_id(number)
        .with_client_id(Some(StrBytes::from_static_str("fcplay")));
    let mut bytes = BytesMut::new();
    bytes.put_i32(0);
    header.encode(&mut bytes, R::header_version(version)).map_err(io::Error::other)?;
    request.encode(&mut bytes, version).map_err(io::Error::other)?;
    let length = i32::try_from(bytes.len() - 4).map_err(io::Error::other)?;
    bytes[..4].copy_from_slice(&length.to_be_bytes());
    Ok(bytes)
}

/// Reads the first answer: an error, and the number, oldest and newest version of every request. The crate would believe
/// any count and reserve memory for it, and this may be anything that listens at the port.
fn versions(body: &[u8]) -> Option<HashMap<i16, (i16, i16)>> {
    let (head, rows) = body.split_first_chunk::<6>()?;
    let number = |bytes: &[u8]| i16::from_be_bytes([bytes[0], bytes[1]]);
    let count = u32::from_be_bytes([head[2], head[3], head[4], head[5]]);
    if number(head) != 0 || usize::try_from(count).ok()?.checked_mul(6)? != rows.len() {
        return None;
    }
    let row = |row: &[u8]| (number(row), (number(&row[2..]), number(&row[4..])));
    Some(rows.chunks_exact(6).map(row).collect())
}

fn decode<A: Decodable + HeaderVersion>(mut bytes: Bytes, version: i16) -> io::Result<A> {
    ResponseHeader::decode(&mut bytes, A::header_version(version)).map_err(|_| garbled())?;
    A::decode(&mut bytes, version).map_err(|_| garbled())
}

fn garbled() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "what answers there is no Kafka")
}

#[cfg(test)]
mod tests {
    use tokio::io::duplex;

    use super::*;

    /// Lets a broker answer with a body, whatever is asked.
    async fn answered(body: &'static [u8]) -> io::Result<Wire> {
        let (ours, mut theirs) = duplex(4096);
        let answer = async move {
            let length = theirs.read_i32().await.unwrap();
            let mut request = vec![0; usize::try_from(length).unwrap()];
            theirs.read_exact(&mut request).await.unwrap();
            theirs.write_i32(i32::try_from(body.len() + 4).unwrap()).await.unwrap();
            theirs.write_all(&request[4..8]).await.unwrap();
            theirs.write_all(body).await.unwrap();
        };
        tokio::join!(Wire::start(Box::new(ours)), answer).0
    }

    #[tokio::test]
    async fn brokers_of_all_ages() {
        // Metadata (3) in versions 0 to 5.
        let wire = answered(&[0, 0, 0, 0, 0, 1, 0, 3, 0, 0, 0, 5]).await.unwrap();
        assert_eq!(wire.version::<kafka_protocol::messages::MetadataRequest>(), Some(5));
        assert_eq!(wire.version::<kafka_protocol::messages::CreateTopicsRequest>(), None);
        let error = answered(b"HTTP/1.1 400 Bad Request").await.err().unwrap();
        assert_eq!(error.to_string(), "what answers there is no Kafka");
    }
}
