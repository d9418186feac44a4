//! skill_ids
