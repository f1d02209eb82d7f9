"""The causes that spoken codes name, each by its place in this list: it grows at its end, and never changes.

A cause is an error's code, followed by what makes its sentence more exact (`timed_out.network`), and by whom
it lies with (`scope_missing@partner`) where that is not as usual. `bug` is a fault of ours.
"""

from __future__ import annotations

CAUSES = tuple(
    """
    bug bad_input bad_input.usage bad_input.not_json bad_input.not_an_object bad_input.input_too_large
    bad_input.unknown_key bad_input.wrong_kind bad_input.unknown_field bad_input.unknown_system
    bad_input.unknown_environment bad_input.unknown_connection bad_input.unknown_partner_key
    bad_input.partner_key_absent bad_input.no_such_keys bad_input.unknown_refusal
    bad_input.endpoints_unreadable bad_input.endpoints_not_toml bad_input.endpoints_unknown
    bad_input.endpoints_incomplete bad_input.endpoints_missing bad_input.endpoints_not_loopback
    bad_input.preset_unreadable bad_input.preset_not_toml bad_input.preset_unknown_key
    bad_input.preset_wrong_value bad_input.preset_wrong_type bad_input.preset_company bad_input.no_display
    bad_input.policy_unreadable bad_input.policy_not_trusted bad_input.policy_wrong
    bad_input.call_not_allowed bad_input.call_writes bad_input.call_unsigned bad_input.call_method
    bad_input.call_path field_invalid field_invalid.empty field_invalid.of_another field_invalid.gone
    field_invalid.expect field_invalid.expect.needed field_invalid.plain field_invalid.plain_empty
    field_invalid.plain_differs field_invalid.method partner_key_needed partner_key_needed.stored
    partner_key_needed.assisted key_refused partner_key_refused wrong_environment rights_missing
    module_missing busy busy.timed busy.held_back scope_missing licence_missing pending_approval
    pending_approval.too_soon invitation_expired wrong_tenant quota_empty vendor_down unexpected_answer
    too_large garbled_answer name_not_found name_not_found.only_this name_not_found.network
    connection_refused connection_refused.only_this connection_refused.network connection_lost
    connection_lost.only_this connection_lost.network timed_out timed_out.only_this timed_out.network
    tls_untrusted tls_untrusted.issuer tls_untrusted.proxy tls_wrong_name tls_wrong_name.issuer tls_expired
    tls_expired.clock_right tls_expired.not_yet tls_failed tls_failed.plain tls_failed.old clock_wrong
    clock_wrong.minutes clock_wrong.hours clock_wrong.days captive_portal captive_portal.portal redirected
    proxy_failed proxy_failed.sign_in proxy_failed.password proxy_failed.refused proxy_failed.unreached
    proxy_failed.name proxy_failed.down proxy_failed.address proxy_failed.unset offline no_company
    several_companies wrong_company wrong_company.not_among wrong_company.renewal keychain_locked
    keychain_absent keychain_denied keychain_read_only keychain_lied keychain_too_long ledger_unreadable
    ledger_unreadable.newer ledger_unwritable ledger_unwritable.in_use cancelled pending_approval.not_among
    busy.outstanding wrong_environment.consumer_token field_invalid.orgnr.plain_shape
    field_invalid.orgnr.plain_check_digit field_invalid.contact_email.plain_shape
    field_invalid.contact_phone.plain_shape field_invalid.cut key_refused.cut key_refused.password busy.slow
    vendor_down.fault scope_missing@partner
    bad_input.spoken_empty bad_input.spoken_short bad_input.spoken_letters bad_input.spoken_word
    bad_input.spoken_word_near bad_input.spoken_mark bad_input.spoken_check bad_input.spoken_newer
    bad_input.report_exists bad_input.report_unwritable
    bad_input.policy_system bad_input.policy_version field_invalid.ambiguous field_invalid.broken
    field_invalid.control field_invalid.is_address field_invalid.is_email field_invalid.is_number
    field_invalid.other_way field_invalid.partners field_invalid.plain_ambiguous
    field_invalid.plain_control field_invalid.plain_of_another field_invalid.plain_other_way
    field_invalid.plain_partners field_invalid.plain_too_long field_invalid.plain_wrong_field
    field_invalid.too_long field_invalid.wrong_field keychain_absent.no_default keychain_absent.no_session
    keychain_absent.not_started keychain_absent.silent keychain_denied.entitlement keychain_denied.file
    keychain_denied.of_another keychain_denied.password keychain_denied.rules keychain_denied.said_no
    keychain_denied.signature keychain_lied.not_deleted keychain_locked.dismissed
    keychain_locked.no_question keychain_missing ledger_unreadable.damaged ledger_unreadable.shut
    ledger_unwritable.full ledger_unwritable.not_allowed
    bad_input.file_exists bad_input.file_unreadable bad_input.file_unwritable
    bad_input.handover_too_large bad_input.keys_not_private bad_input.keys_unreadable
    bad_input.keys_wrong bad_input.no_descriptor bad_input.no_seal_key bad_input.partner_keys_wrong
    bad_input.preset_pick bad_input.preset_private_key bad_input.preset_seal_key
    bad_input.preset_upload bad_input.private_key bad_input.references_wrong
    bad_input.several_references bad_input.signers_wrong bad_input.start_newer
    bad_input.start_other_system bad_input.start_wrong busy.reply delivery_failed
    delivery_failed.not_started delivery_failed.timed_out field_invalid.expect.differs handed_over
    handed_over.again handover_expired handover_expired.ahead handover_expired.start
    handover_invalid handover_invalid.algorithm handover_invalid.fields handover_invalid.newer
    handover_invalid.other_key handover_invalid.several handover_invalid.tampered
    handover_invalid.too_large handover_used handover_used.in_progress ledger_unwritable.used
    method_closed partner_key_needed.receiving reference_unknown reference_unknown.of_another
    reply_wrong reply_wrong.slip signature_invalid signature_invalid.algorithm
    signature_invalid.forged signature_invalid.header signature_invalid.kind
    signature_invalid.other_partner signature_invalid.unknown_signer signature_invalid.unsigned
    start_expired start_used
    bad_input.at_fault bad_input.at_method bad_input.at_no_steps bad_input.at_page bad_input.at_practice
    bad_input.at_shape bad_input.at_step
    not_sent not_sent.unreached not_sent.unknown not_sent.refused not_sent.down not_sent.strange
    not_sent.stopped start_used.window
    bad_input.preset_missing bad_input.preset_language bad_input.preset_too_long
    bad_input.preset_not_plain bad_input.preset_accent bad_input.preset_options
    bad_input.preset_step bad_input.preset_logo_unreadable bad_input.preset_logo_large
    bad_input.preset_logo_kind bad_input.preset_logo_hostile bad_input.preset_extends_absent
    bad_input.preset_extends_loop bad_input.preset_extends_deep bad_input.preset_extends_unsigned
    bad_input.consent_missing bad_input.consent_version bad_input.consent_name
    bad_input.consent_unasked bad_input.several_consents
    bad_input.option_needed bad_input.option_date bad_input.option_number bad_input.option_product
    bad_input.option_unasked
    bad_input.preset_program
    """.split()  # noqa: SIM905 - one line a word would be two hundred lines
)
"""Append only: a customer may read a code of today to somebody whose Koble is two years older, or newer."""
