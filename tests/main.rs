//! The tests that need no root, no network and no container, in one binary; `ssh` is quiet where there is no sshd.

mod ssh;
