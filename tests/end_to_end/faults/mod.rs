//! The binaries `skill` and `api` while DynamoDB throttles, fails, falls silent, loses answers or is gone.

mod freezes;
mod outages;
mod retries;
mod world;
