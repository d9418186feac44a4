//! The binaries `skill` and `api` while DynamoDB throttles, fails, falls silent, loses answers or is gone.

mod freezes;
mod harness;
mod outages;
mod retries;
