//! The planner on made-up clusters.

use proptest::prelude::*;

use super::node::Open;
use super::*;

#[test]
fn addresses() {
    let address: Address = "10.0.0.1:7000".parse().unwrap();
    assert_eq!(address, Address { host: "10.0.0.1".into(), port: 7000 });
    let address: Address = "[fd00::1]:7000".parse().unwrap();
    assert_eq!((address.host.as_str(), address.to_string()), ("fd00::1", "[fd00::1]:7000".into()));
    for wrong in ["10.0.0.1", ":7000", "a:0", "a:b", "a b:1"] {
        assert_eq!(wrong.parse::<Address>(), Err(format!("`{wrong}` is no `host:port`")));
    }
}

fn wish(hosts: usize, each: usize, replicas: usize) -> Wish {
    let nodes = (0..hosts).flat_map(|host| {
        (0..each)
            .map(move |port| Address { host: format!("10.0.0.{host}"), port: 7000 + port as u16 })
    });
    Wish {
        nodes: nodes.collect(),
        remove_others: false,
        replicas,
        username: None,
        password: None,
        timeout: Duration::from_secs(1),
    }
}

fn fresh(wish: &Wish) -> Vec<Instance> {
    wish.nodes.iter().map(Instance::fresh).collect()
}

/// Plans and acts until nothing is left to do; returns how many rounds had something to do.
fn converge(wish: &Wish, instances: &mut Vec<Instance>) -> (usize, Plan) {
    for round in 0..10 {
        let plan = plan(wish, instances).unwrap();
        if plan.steps.is_empty() {
            return (round, plan);
        }
        simulate::apply(instances, &plan.steps);
    }
    panic!("it does not come to rest:\n{}", describe(instances));
}

/// Returns what is wrong with a layout.
fn fault(wish: &Wish, instances: &[Instance]) -> Option<String> {
    let mut served = Slots::default();
    for instance in instances {
        let own = instance.own();
        if instances.iter().any(|other| instance.peer(&other.id).is_none()) {
            return Some(format!("{} does not know all", instance.address));
        }
        if !served.and(&own.slots).is_empty() {
            return Some("slots are served twice".into());
        }
        served = served.or(&own.slots);
        if own.slots.is_empty() {
            let master = instances.iter().find(|other| Some(&other.id) == own.master.as_ref());
            match master {
                Some(master) if master.own().slots.is_empty() => {
                    return Some("a copy of nothing".into());
                }
                Some(master) if master.ip == instance.ip => {
                    return Some("a copy on the same host".into());
                }
                Some(_) => {}
                None => return Some(format!("{} copies nobody", instance.address)),
            }
        } else {
            let copies =
                instances.iter().filter(|other| other.own().master.as_ref() == Some(&instance.id));
            if copies.count() < wish.replicas {
                return Some(format!("{} has too few replicas", instance.address));
            }
        }
    }
    (served != Slots::all()).then(|| "slots are missing".into())
}

#[test]
fn a_fresh_cluster_of_three_hosts() {
    let wish = wish(3, 2, 1);
    let prediction = predict(&wish, &fresh(&wish)).unwrap();
    let expected = "10.0.0.0:7000 serves 0-5461\n\
        10.0.0.0:7001 copies 10.0.0.2:7000\n\
        10.0.0.1:7000 serves 5462-10922\n\
        10.0.0.1:7001 copies 10.0.0.0:7000\n\
        10.0.0.2:7000 serves 10923-16383\n\
        10.0.0.2:7001 copies 10.0.0.1:7000\n";
    assert_eq!(prediction.after, expected);
    assert_eq!(prediction.warnings, [""; 0]);
    assert_eq!(prediction.steps.len(), 5 + 3 + 3);
    assert_eq!(prediction.steps[0], "10.0.0.0:7000 meets 10.0.0.0:7001");
    let mut instances = fresh(&wish);
    assert_eq!(converge(&wish, &mut instances).0, 2);
    assert_eq!(predict(&wish, &instances).unwrap().steps, [""; 0]);
}

#[test]
fn one_host_is_better_than_none_but_warned_of() {
    let wish = wish(1, 6, 1);
    let mut instances = fresh(&wish);
    let (rounds, plan) = converge(&wish, &mut instances);
    assert_eq!((rounds, plan.warnings.len()), (2, 3));
    assert_eq!(fault(&wish, &instances).as_deref(), Some("a copy on the same host"));
}

#[track_caller]
fn refused(wish: &Wish, instances: &[Instance], expected: &str) {
    assert_eq!(plan(wish, instances).unwrap_err().to_string(), expected);
}

#[test]
fn what_cannot_be() {
    let small = wish(2, 2, 1);
    refused(
        &small,
        &fresh(&small),
        "a Redis cluster needs at least 3 masters: 4 nodes with 1 replicas of each master make 2; give at least 6 nodes",
    );
    let wish = wish(3, 2, 1);
    let mut instances = fresh(&wish);
    instances[4].keys = 3;
    refused(
        &wish,
        &instances,
        "Redis at 10.0.0.2:7000 is not empty: it holds 3 keys that are in no cluster; save them, then empty it (`FLUSHALL`)",
    );
    let mut instances = fresh(&wish);
    simulate::apply(
        &mut instances,
        &[
            Step::AddSlots { node: 0, slots: Slots::range(0, 99) },
            Step::AddSlots { node: 3, slots: Slots::range(50, 60) },
        ],
    );
    refused(
        &wish,
        &instances,
        "Redis at 10.0.0.1:7001 belongs to another cluster, with the slots 50-60: both cannot be joined; take it out there first, or empty it (`FLUSHALL`, then `CLUSTER RESET HARD`)",
    );
    let mut instances = fresh(&wish);
    instances[1].id = instances[0].id.clone();
    refused(
        &wish,
        &instances,
        "10.0.0.0:7000 and 10.0.0.0:7001 are the same instance; name each one once",
    );
}

#[test]
fn a_failover_is_no_reason_to_change_anything() {
    let wish = wish(3, 2, 1);
    let mut instances = fresh(&wish);
    converge(&wish, &mut instances);
    // 10.0.0.1:7001 has taken over from 10.0.0.0:7000, which copies it now.
    let slots = instances[0].own().slots.clone();
    let (old, new) = (instances[0].id.clone(), instances[3].id.clone());
    for peer in instances.iter_mut().flat_map(|instance| instance.peers.iter_mut()) {
        if peer.id == old {
            (peer.slots, peer.replica, peer.master) = (Slots::default(), true, Some(new.clone()));
        } else if peer.id == new {
            (peer.slots, peer.replica, peer.master) = (slots.clone(), false, None);
        }
    }
    assert_eq!(plan(&wish, &instances).unwrap(), Plan::default());
}

#[test]
fn a_replica_that_lost_its_disk_comes_back_under_a_new_name() {
    let wish = wish(3, 2, 1);
    let mut instances = fresh(&wish);
    converge(&wish, &mut instances);
    let old = std::mem::replace(&mut instances[1], Instance::fresh(&wish.nodes[1])).id;
    instances[1].id = "new".into();
    instances[1].peers[0].id = "new".into();
    for peer in instances.iter_mut().flat_map(|instance| instance.peers.iter_mut()) {
        peer.failed = peer.id == old;
    }
    let prediction = predict(&wish, &instances).unwrap();
    assert_eq!(
        prediction.steps,
        [
            "10.0.0.0:7000 meets 10.0.0.0:7001",
            "10.0.0.0:7001 copies 10.0.0.2:7000",
            "10.0.0.0:7000 forgets 10.0.0.0:7001 (10.0.0.0)",
            "10.0.0.0:7001 forgets 10.0.0.0:7001 (10.0.0.0)",
            "10.0.0.1:7000 forgets 10.0.0.0:7001 (10.0.0.0)",
            "10.0.0.1:7001 forgets 10.0.0.0:7001 (10.0.0.0)",
            "10.0.0.2:7000 forgets 10.0.0.0:7001 (10.0.0.0)",
            "10.0.0.2:7001 forgets 10.0.0.0:7001 (10.0.0.0)",
        ]
    );
}

#[test]
fn more_nodes_become_masters_and_replicas() {
    let small = wish(3, 2, 1);
    let mut instances = fresh(&small);
    converge(&small, &mut instances);
    let large = wish(3, 3, 1);
    let added = large.nodes.iter().filter(|node| !small.nodes.contains(node)).map(Instance::fresh);
    let large = Wish {
        nodes: small.nodes.iter().cloned().chain(added.clone().map(|node| node.address)).collect(),
        ..large
    };
    instances.extend(added);
    let masters =
        |instances: &[Instance]| instances.iter().filter(|node| !node.own().replica).count();
    let prediction = predict(&large, &instances).unwrap();
    assert_eq!(
        prediction.steps[..6],
        [
            "10.0.0.0:7000 meets 10.0.0.0:7002",
            "10.0.0.0:7000 meets 10.0.0.1:7002",
            "10.0.0.0:7000 meets 10.0.0.2:7002",
            "10.0.0.0:7000 gives 0-1365 to 10.0.0.0:7002",
            "10.0.0.2:7000 gives 10923-12287 to 10.0.0.0:7002",
            "10.0.0.1:7000 gives 5462-6826 to 10.0.0.0:7002",
        ]
    );
    converge(&large, &mut instances);
    assert_eq!((fault(&large, &instances), masters(&instances)), (None, 4));

    // And away again: those that leave give their slots away, then they are forgotten.
    let small = Wish { remove_others: true, ..small };
    for instance in &mut instances {
        instance.leaving = !small.nodes.contains(&instance.address);
    }
    let prediction = predict(&small, &instances).unwrap();
    let resets = prediction.steps.iter().filter(|step| step.ends_with("starts anew")).count();
    assert_eq!(resets, 3, "{:#?}", prediction.steps);
    converge(&small, &mut instances);
    assert_eq!((fault(&small, &instances), instances.len(), masters(&instances)), (None, 6, 3));
}

#[test]
fn slots_that_were_on_their_way_arrive() {
    let wish = wish(3, 2, 1);
    let mut instances = fresh(&wish);
    converge(&wish, &mut instances);
    let [first, second] = [0, 2].map(|node: usize| instances[node].id.clone());
    let own = |instances: &mut Vec<Instance>, node: usize, open: Open| {
        let own = instances[node].peers.iter_mut().find(|peer| peer.myself).unwrap();
        own.open.push(open);
    };
    own(&mut instances, 0, Open { slot: 5, comes: false, other: second });
    own(&mut instances, 2, Open { slot: 5, comes: true, other: first.clone() });
    own(&mut instances, 2, Open { slot: 6, comes: true, other: first });
    own(&mut instances, 0, Open { slot: 7, comes: false, other: "gone".into() });
    let prediction = predict(&wish, &instances).unwrap();
    assert_eq!(
        prediction.steps,
        ["10.0.0.0:7000 settles 7", "10.0.0.0:7000 gives 5-6 to 10.0.0.1:7000"]
    );
}

/// A run that broke off: some have met, some masters have some of their slots, some replicas follow.
#[derive(Clone, Debug)]
struct Broken {
    hosts: usize,
    each: usize,
    replicas: usize,
    meets: Vec<(usize, usize)>,
    served: Vec<(usize, u16, u16)>,
    copies: Vec<(usize, usize)>,
}

fn broken() -> impl Strategy<Value = Broken> {
    let sizes = prop_oneof![
        Just((3, 1, 0)),
        Just((3, 2, 1)),
        Just((3, 3, 2)),
        Just((4, 3, 1)),
        Just((6, 1, 1)),
        Just((2, 3, 1)),
        Just((5, 2, 0))
    ];
    sizes.prop_flat_map(|(hosts, each, replicas)| {
        let count = hosts * each;
        let pairs = move || proptest::collection::vec((0..count, 0..count), 0..count);
        let served = proptest::collection::vec((0..count, 0..SLOTS, 1_u16..4000), 0..4);
        (pairs(), served, pairs()).prop_map(move |(meets, served, copies)| Broken {
            hosts,
            each,
            replicas,
            meets,
            served,
            copies,
        })
    })
}

impl Broken {
    fn instances(&self, wish: &Wish) -> Vec<Instance> {
        let mut instances = fresh(wish);
        let mut steps: Vec<Step> = Vec::new();
        steps.extend(
            self.meets
                .iter()
                .filter(|(at, node)| at != node)
                .map(|(at, node)| Step::Meet { at: *at, node: *node }),
        );
        let mut taken = Slots::default();
        let mut masters = std::collections::BTreeSet::new();
        for (node, first, count) in &self.served {
            if masters.len() == wish.masters() && !masters.contains(node) {
                continue;
            }
            let slots = Slots::range(*first, first.saturating_add(*count)).without(&taken);
            if !slots.is_empty() {
                taken = taken.or(&slots);
                masters.insert(*node);
                steps.push(Step::AddSlots { node: *node, slots });
            }
        }
        simulate::apply(&mut instances, &steps);
        for (node, master) in &self.copies {
            let id = instances[*master].id.clone();
            let possible = node != master
                && instances[*node].own().slots.is_empty()
                && !instances[*master].own().replica
                && instances[*node].peer(&id).is_some()
                && !instances
                    .iter()
                    .any(|other| other.own().master.as_ref() == Some(&instances[*node].id));
            if possible {
                simulate::apply(&mut instances, &[Step::Replicate { node: *node, master: id }]);
            }
        }
        instances
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn any_half_formed_cluster_is_whole_after_two_rounds(broken in broken()) {
        let wish = wish(broken.hosts, broken.each, broken.replicas);
        let mut instances = broken.instances(&wish);
        let before: Vec<Slots> = instances.iter().map(|instance| instance.own().slots.clone()).collect();
        // Where one has so many slots that nothing is left for another, some move first, and then copies are made.
        let moves = predict(&wish, &instances).unwrap().steps.iter().any(|step| step.contains(" gives "));
        let (rounds, plan) = converge(&wish, &mut instances);
        let most = if moves { 3 } else { 2 };
        prop_assert!(rounds <= most, "{} rounds\n{}", rounds, describe(&instances));
        for (instance, slots) in instances.iter().zip(&before).filter(|_| !moves) {
            prop_assert_eq!(&instance.own().slots.and(slots), slots, "slots were taken away");
        }
        let masters = instances.iter().filter(|instance| !instance.own().slots.is_empty()).count();
        prop_assert_eq!(masters, wish.masters());
        match fault(&wish, &instances).as_deref() {
            None => prop_assert_eq!(plan.warnings, Vec::<String>::new()),
            // Masters may stand so that nobody elsewhere is left: then it is said.
            Some("a copy on the same host") => prop_assert!(!plan.warnings.is_empty()),
            Some(fault) => prop_assert!(false, "{}\n{}", fault, describe(&instances)),
        }
    }

    #[test]
    fn a_fresh_cluster_on_equal_hosts_has_no_copy_beside_its_master(hosts in 2_usize..8, each in 1_usize..5, replicas in 0_usize..4) {
        let wish = wish(hosts, each, replicas);
        prop_assume!(wish.masters() >= 3);
        let mut instances = fresh(&wish);
        let (rounds, _) = converge(&wish, &mut instances);
        prop_assert!(rounds <= 2);
        prop_assert_eq!(fault(&wish, &instances), None, "{}", describe(&instances));
    }
}
