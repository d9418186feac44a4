//! One contract for both stores, and what each of them is to be by itself.
#![cfg(all(feature = "sqlite", feature = "dynamodb"))]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod account;
mod account_rules;
mod account_samples;
mod bridge;
mod child;
mod clocks;
mod codes;
mod combinations;
mod counts;
mod dropped;
#[path = "../../../../tests/support/dynamo_proxy/mod.rs"]
#[expect(dead_code, unreachable_pub, reason = "it is a public module of the support library")]
mod dynamo_proxy;
pub(crate) mod fixture;
mod hand_overs;
mod interleaved;
mod items;
mod links;
mod model;
mod model_steps;
mod notes;
mod opening;
mod pairing;
mod plays;
mod processes;
mod rest;
pub(crate) mod samples;
mod sqlite;
mod stored;
mod trials;
mod volume_rules;

use fixture::contract;

contract! {
    account::the_store_agrees_with_the_lanes_own_rules,
    account::one_of_sixty_four_takes_the_lane,
    account::one_of_sixty_four_renews_the_session,
    account::thirty_moves_of_a_slider_at_once_are_all_noted,
    account::steps_at_once_are_all_counted,
    account::volumes_are_wanted_sent_and_noted,
    account::a_hundred_devices_are_kept_and_forgotten_with_their_volumes,
    account::what_is_of_a_newer_release_is_refused_and_stays,
    account::a_play_reads_nothing_of_it,
    bridge::a_request_waits_for_one_reply,
    bridge::a_reply_after_its_time_is_not_taken,
    bridge::one_of_sixteen_replies_at_once_is_taken,
    bridge::a_home_that_is_seen_is_present_for_a_while,
    clocks::lanes_and_leases_are_free_after_the_clock_was_set_back,
    clocks::a_throttled_lane_cools_down_for_its_own_span_after_that,
    clocks::codes_of_before_work_no_more_and_their_words_are_free,
    clocks::volumes_of_before_are_not_ours_any_more,
    clocks::an_echo_asks_and_reports_after_the_clock_was_set_back,
    clocks::a_push_after_the_clock_was_set_back_is_the_last_one,
    codes::a_code_is_on_one_errand,
    codes::a_code_works_once,
    codes::one_of_thirty_two_that_take_a_code_gets_it,
    codes::an_expired_code_is_absent,
    codes::a_code_of_another_release_is_refused_by_name,
    codes::random_sequences_leave_what_the_rule_leaves,
    combinations::what_was_never_started_takes_no_report,
    hand_overs::a_request_is_handed_what_starts,
    hand_overs::a_stop_ends_a_hand_over_that_no_echo_began,
    hand_overs::a_push_and_a_request_that_gives_up_never_both_win,
    hand_overs::presses_at_once_become_one_command,
    hand_overs::a_version_is_handed_over_without_a_push,
    links::a_link_makes_a_player_that_cannot_be_played,
    links::the_first_push_behind_a_link_is_the_first_version,
    links::a_link_is_no_question_for_music,
    links::a_serial_number_belongs_to_one_echo,
    links::a_link_pairs_as_by_hand,
    links::a_link_made_twice_is_one,
    links::an_asking_echo_and_its_link_at_once_both_stand,
    links::a_push_and_a_link_at_once_both_stand,
    links::a_linked_player_is_paired_unpaired_slept_and_revived,
    links::an_expired_link_begins_again,
    links::half_a_start_is_malformed,
    links::a_link_over_a_newer_release_is_refused,
    items::the_items_of_the_first_schema_are_read,
    items::the_items_of_the_first_schema_are_written,
    items::a_start_takes_nothing_along_but_the_pairing,
    items::a_malformed_item_stops_no_other,
    items::an_item_of_a_newer_release_is_refused_by_name,
    items::what_is_unknown_beside_the_items_is_left_alone,
    pairing::a_claim_wins_once,
    pairing::a_claim_of_what_changed_is_refused,
    pairing::a_claim_takes_over_from_the_echo_that_was_seen,
    pairing::a_claim_loses_to_the_echo_that_asked_since,
    pairing::an_asking_echo_and_a_claim_at_once_do_not_both_win,
    pairing::a_withdrawn_claim_contests_its_start,
    pairing::a_start_that_another_echo_wants_is_noted_until_it_is_played_or_paired,
    pairing::a_manual_pairing_takes_the_player_and_forgets_what_was_learned,
    pairing::an_unknown_player_is_not_paired,
    pairing::unpairing_counts_what_it_ends,
    pairing::a_dormant_pairing_is_revived_by_its_endpoint,
    pairing::a_start_and_a_pairing_at_once_both_stand,
    pairing::expired_players_are_absent,
    plays::a_push_starts_describes_or_comes_late,
    plays::a_push_without_names_fills_what_is_missing,
    plays::an_overtaken_push_does_not_turn_back_the_clock,
    plays::a_reused_address_starts_again,
    plays::the_address_of_a_group_starts_again_and_its_tracks_do_not,
    plays::an_address_without_a_session_starts_again_once_it_ended,
    plays::a_start_takes_the_names_that_were_pushed_just_before_it,
    plays::at_most_two_hundred_players_are_kept,
    plays::where_all_had_an_echo_the_one_unused_for_longest_goes,
    plays::events_count_in_their_own_order,
    plays::a_failure_is_replayed_once,
    plays::a_report_of_another_echo_is_a_move_or_nothing,
    plays::an_announcement_gives_back_what_it_lies_over,
    plays::plays_that_end_at_once_are_counted,
    notes::a_note_says_the_same_before_during_and_after_the_query,
    notes::a_note_that_was_overtaken_is_refused,
    notes::expired_echos_are_absent,
    plays::repeated_requests_change_nothing,
    rest::activity_is_read_newest_first,
    rest::activity_is_kept_for_a_week,
    rest::settings_are_replaced,
    rest::no_change_of_the_settings_is_lost,
    rest::a_document_is_replaced_only_by_its_last_reader,
    trials::an_echo_keeps_what_it_learned_of_its_routes,
    trials::the_same_device_under_a_new_id_keeps_its_routes,
    trials::a_trial_is_changed_kept_for_a_day_and_read_by_no_play,
    trials::one_of_sixteen_trials_of_a_device_begins,
    model::the_store_agrees_with_the_pure_functions,
    processes::one_of_sixty_four_echos_in_eight_processes_wins,
    processes::no_start_is_lost_between_two_processes,
    processes::a_lane_outlives_a_killed_holder_by_its_lease,
}
