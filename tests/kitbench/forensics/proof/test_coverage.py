"""The words of an absence say what was searched for, and never that there is no key."""

from kitbench.forensics.keys.target import TargetSet
from kitbench.forensics.proof.coverage import Coverage, coverage
from tests.kitbench.forensics.flash_sample import ec_key, rsa_key


def targets(*keys: object) -> TargetSet:
    chosen = TargetSet()
    for key in keys:
        chosen.add(key, "given")
    return chosen


def test_sentence_names_what_is_proven_and_what_is_not() -> None:
    sentence = coverage(targets(ec_key().public_key())).sentence

    assert sentence.startswith("no private key was found; proven absent: PEM and DER")
    assert "raw numbers of 1 public key;" in sentence
    assert "; not covered: keys split, wrapped, made at run time" in sentence
    assert len(sentence) < 260  # a reason of the grader is cut at 300, with the file's name before it


def test_raw_numbers_are_claimed_for_the_keys_searched_by_alone() -> None:
    by_both = coverage(targets(ec_key().public_key(), rsa_key().public_key()))

    raw = [form for form in by_both.searched if "raw number" in form]
    assert [form.split(":")[0] for form in raw] == ["the raw number of 1 EC secp256r1", "the raw number of 1 RSA-2048"]
    assert not any("raw number" in form for form in Coverage().searched)
    assert not any("disguise" in form or "XOR mask of one byte" in form for form in by_both.searched)
    assert any("whose public key is not among" in form for form in by_both.not_covered)


def test_numbers_in_disguise_are_claimed_for_the_places_that_were_tried() -> None:
    all_tried = coverage(targets(ec_key().public_key()), (130, 0))
    some_left = coverage(targets(ec_key().public_key()), (130, 2_000))
    no_curve = coverage(targets(rsa_key().public_key()), (0, 0))

    assert [form for form in all_tried.searched if "at 130 places, all that look random" in form]
    assert not any("more places" in form for form in all_tried.not_covered)
    assert not any("all that look random" in form for form in some_left.searched)
    assert any("at 2,000 more places, amid code" in form for form in some_left.not_covered)
    assert not any("XOR mask of one byte" in form for form in no_curve.searched)
