//! `uri` and `get_url` against a small server on loopback: what is sent, what comes back, what is fetched again.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use super::Bench;

/// Serves requests until the process ends; returns the address.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer(stream));
        }
    });
    address
}

fn answer(stream: TcpStream) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or_default() < 3 {
            break;
        }
        head.push(line.trim_end().to_owned());
    }
    let field = |name: &str| {
        head.iter().find_map(|line| {
            let (known, value) = line.split_once(": ")?;
            known.eq_ignore_ascii_case(name).then(|| value.to_owned())
        })
    };
    let length = field("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let path = head.first().and_then(|line| line.split(' ').nth(1)).unwrap_or("/");
    let (status, fields, text) = match path {
        "/login" => {
            ("200 OK", "Set-Cookie: id=7; Path=/\r\nSet-Cookie: u=x; HttpOnly\r\n", "in".into())
        }
        "/latest" => ("302 Found", "Location: /files/v2.tar?a b\r\n", String::new()),
        "/named" => {
            ("200 OK", "Content-Disposition: attachment; filename=\"../n.txt\"\r\n", "named".into())
        }
        "/made" => (
            "201 Created",
            "Location: /made/1\r\nContent-Type: application/json; charset=latin-1\r\n",
            "{\"a\": \"\\ud83d\\ude00\",\t\"b\": 1}".into(),
        ),
        "/digest" if field("authorization").is_none() => (
            "401 Unauthorized",
            "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n",
            String::new(),
        ),
        "/new" if field("if-modified-since").is_some() => ("304 Not Modified", "", String::new()),
        "/SUMS" => ("200 OK", "", "SHA256 (echo) = 00\nab  other\n".into()),
        _ => {
            let kept = ["authorization", "content-type", "content-length", "cache-control"];
            let shown = kept.iter().filter_map(|name| Some(format!("{name}: {}", field(name)?)));
            let shown = shown.collect::<Vec<_>>().join("|");
            ("200 OK", "", format!("{shown}|{}", String::from_utf8_lossy(&body)))
        }
    };
    let mut stream = stream;
    write!(stream, "HTTP/1.1 {status}\r\n{fields}Content-Length: {}\r\n\r\n{text}", text.len())
        .unwrap();
}

#[track_caller]
fn case(tasks: &str) {
    let play = format!("- hosts: localhost\n  gather_facts: false\n  tasks:\n{tasks}");
    let bench = Bench::new(&[("site.yml", play.as_str()), ("files/part.json", "{}")]);
    let found = bench.run(&format!("-i localhost, -c local site.yml -e u={}", serve()));
    assert!(found.ends_with("--- exit 0\n"), "{found}");
}

#[test]
fn answers_are_returned_as_playbooks_use_them() {
    case(
        "    - uri: {url: '{{ u }}/login'}
      register: login
    - assert: {that: [\"login.cookies_string == 'id=7; u=x'\", \"login.cookies.id == '7'\"]}
    - uri: {url: '{{ u }}/made', status_code: 201, method: POST}
      register: made
    - assert: {that: ['made.location == u ~ \"/made/1\"', 'made.msg is match(\"OK \")', 'made.json.b == 1', 'made.json.a | length == 1']}
    - uri: {url: 'http://127.0.0.1:1/', status_code: [-1, 200]}
      register: closed
    - assert: {that: closed.status == -1}
",
    );
}

#[test]
fn bodies_are_sent_with_their_types() {
    case(
        "    - uri: {url: '{{ u }}/echo', method: POST, body: '{{ item.body | default(omit) }}', body_format: '{{ item.format }}', return_content: true}
      register: sent
      loop:
        - {format: raw, body: x, wanted: 'content-type: application/x-www-form-urlencoded|content-length: 1|x'}
        - {format: json, wanted: 'content-type: application/json|content-length: 4|null'}
        - {format: form-urlencoded, body: {a: 1, b: null, c: [x, y]}, wanted: 'content-type: application/x-www-form-urlencoded|content-length: 11|a=1&c=x&c=y'}
        - {format: raw, body: '', wanted: 'content-length: 0|'}
    - assert: {that: item.content == item.item.wanted, fail_msg: '{{ item.content }}'}
      loop: '{{ sent.results }}'
    - uri: {url: '{{ u }}/echo', method: POST, body_format: form-multipart, body: {f: {filename: part.json}}, return_content: true}
      register: parts
    - assert: {that: ['\"filename=\\\"part.json\\\"\" in parts.content', '\"application/json\" in parts.content']}
    - uri: {url: '{{ u }}/digest', url_username: u, url_password: p, return_content: true}
      register: digest
    - assert: {that: '\"Digest username=\\\"u\\\"\" in digest.content'}
",
    );
}

#[test]
fn files_are_named_by_the_server_and_fetched_when_they_are_new() {
    case(
        "    - file: {path: '{{ playbook_dir }}/d', state: directory}
    - get_url: {url: '{{ u }}/{{ item }}', dest: '{{ playbook_dir }}/d'}
      register: got
      loop: [latest, named]
    - assert: {that: ['got.results[0].dest is search(\"/d/v2.tar$\")', 'got.results[1].dest is search(\"/d/n.txt$\")']}
    - copy: {content: old, dest: '{{ playbook_dir }}/{{ item }}'}
      loop: [new, echo]
    - get_url: {url: '{{ u }}/{{ item }}', dest: '{{ playbook_dir }}/{{ item }}'}
      register: again
      loop: [new, echo]
    - assert: {that: ['not again.results[0].changed', 'again.results[0].status_code == 304', 'again.results[1].changed']}
    - get_url: {url: '{{ u }}/echo', dest: '{{ playbook_dir }}/no/such'}
      register: lost
      failed_when: lost.msg is not search('no does not exist')
    - get_url: {url: '{{ u }}/echo', dest: '{{ playbook_dir }}/x', checksum: 'sha256:{{ u }}/SUMS'}
      register: wrong
      failed_when: wrong.msg is not search('did not match 00')
    - get_url: {url: 'file://{{ playbook_dir }}/echo', dest: '{{ playbook_dir }}/y'}
",
    );
}
