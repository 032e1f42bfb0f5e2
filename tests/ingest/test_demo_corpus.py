"""The bundled demo corpus keeps the promises of its README."""

import json
import re
from collections import Counter
from itertools import combinations
from pathlib import Path

CORPUS = Path(__file__).resolve().parents[2] / "ingest" / "platforms" / "corpus" / "posts.jsonl"
POSTS = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]
AT = {post["id"]: place for place, post in enumerate(POSTS)}

FIELDS = {
    "id",
    "author",
    "name",
    "followers",
    "lang",
    "dialect",
    "kind",
    "parent",
    "ref",
    "text",
    "scene",
    "follow_up",
    "after",
    "chase",
}
KINDS = {"mention", "reply", "quote", "repost", "post"}
SCENES = {
    "outage",
    "billing",
    "roaming",
    "fibre",
    "esim",
    "number_port",
    "shop",
    "app",
    "delivery",
    "praise",
    "question",
    "sarcasm",
    "spam",
    "chatter",
    "threat",
    "news",
    "own",
}
DIALECTS = {"gulf", "egyptian", "levantine", "maghrebi", "iraqi", "standard", "arabizi", ""}
MOODS = {"calmer", "angrier", "closing"}
OWN = {"nawa_telecom", "nawa_care"}
HANDLE = re.compile(r"[a-z0-9_]+")
# A URL with a scheme, or a bare host of two or more Latin labels ("shop.nawa.example/visit").
HOST = re.compile(r"https?://([^\s/:]+)|(?<![\w@.])((?:[a-z0-9-]+\.)+[a-z]{2,})(?![\w.])", re.IGNORECASE)


def moods(post):
    return [after["mood"] for after in post["after"]]


def later_texts(post):
    return [after["text"] for after in post["after"]] + ([post["chase"]] if post["chase"] else [])


def grams(text, size=5):
    text = " ".join(text.split())
    return {text[i : i + size] for i in range(max(1, len(text) - size + 1))}


def test_there_are_at_least_400_posts():
    assert len(POSTS) >= 400


def test_every_post_has_exactly_the_fields_of_the_readme():
    assert [post["id"] for post in POSTS if set(post) != FIELDS] == []


def test_values_are_of_the_listed_kinds_scenes_languages_and_dialects():
    for post in POSTS:
        assert post["kind"] in KINDS, post["id"]
        assert post["scene"] in SCENES, post["id"]
        assert post["lang"] in {"en", "ar"}, post["id"]
        assert post["dialect"] in DIALECTS, post["id"]
        assert post["lang"] == "ar" or post["dialect"] == "", post["id"]
        assert isinstance(post["followers"], int), post["id"]
        assert post["followers"] >= 0, post["id"]
        assert isinstance(post["follow_up"], bool), post["id"]


def test_english_and_arabic_have_equal_parts():
    share = sum(post["lang"] == "en" for post in POSTS) / len(POSTS)
    assert 0.45 <= share <= 0.55


def test_ids_are_unique():
    assert len(AT) == len(POSTS)


def test_a_reply_has_an_earlier_parent_at_most_60_lines_above():
    for place, post in enumerate(POSTS):
        if post["kind"] == "reply":
            assert post["parent"] in AT, post["id"]
            assert 1 <= place - AT[post["parent"]] <= 60, post["id"]
        else:
            assert post["parent"] is None, post["id"]


def test_a_quote_or_repost_refers_to_an_earlier_post():
    for place, post in enumerate(POSTS):
        if post["kind"] in {"quote", "repost"}:
            assert post["ref"] in AT, post["id"]
            assert AT[post["ref"]] < place, post["id"]
        else:
            assert post["ref"] is None, post["id"]


def test_a_repost_carries_the_words_of_its_original_and_needs_nothing():
    for post in POSTS:
        if post["kind"] == "repost":
            original = POSTS[AT[post["ref"]]]
            head = f"RT @{original['author']}: "
            assert post["text"].startswith(head), post["id"]
            assert original["text"].startswith(post["text"][len(head) :].rstrip("…")), post["id"]
            assert post["lang"] == original["lang"], post["id"]
            assert not post["follow_up"], post["id"]


def test_a_mention_names_a_handle_of_the_brand():
    assert [
        post["id"]
        for post in POSTS
        if post["kind"] == "mention" and not any("@" + handle in post["text"] for handle in OWN)
    ] == []


def test_the_posts_of_the_brand_are_own_posts_and_need_no_follow_up():
    own = [post for post in POSTS if post["author"] in OWN]
    assert len(own) >= 10
    assert {(post["kind"], post["scene"], post["follow_up"]) for post in own} == {("post", "own", False)}


def test_one_author_has_one_name_and_one_follower_count():
    people = {(post["author"], post["name"], post["followers"]) for post in POSTS}
    assert len(people) == len({post["author"] for post in POSTS})


def test_at_least_30_people_post_more_than_once():
    times = Counter(post["author"] for post in POSTS if post["author"] not in OWN)
    assert sum(count > 1 for count in times.values()) >= 30


def test_at_least_25_threads_have_2_to_6_posts():
    root = {}
    for post in POSTS:
        root[post["id"]] = root[post["parent"]] if post["parent"] else post["id"]
    assert sum(2 <= size <= 6 for size in Counter(root.values()).values()) >= 25


def test_the_outage_burst_lies_in_the_middle_third():
    third = len(POSTS) // 3
    assert sum(post["scene"] == "outage" for post in POSTS[third : 2 * third]) >= 45


def test_between_half_and_two_thirds_need_follow_up():
    assert 0.5 <= sum(post["follow_up"] for post in POSTS) / len(POSTS) <= 0.66


def test_texts_are_not_empty_and_at_most_280_characters():
    for post in POSTS:
        for text in [post["text"], *later_texts(post)]:
            assert text.strip(), post["id"]
            assert len(text) <= 280, post["id"]


def test_no_two_posts_are_near_duplicates_apart_from_reposts_and_spam():
    written = [
        (post["id"], grams(post["text"])) for post in POSTS if post["kind"] != "repost" and post["scene"] != "spam"
    ]
    near = [(a, b) for (a, left), (b, right) in combinations(written, 2) if len(left & right) > 0.6 * len(left | right)]
    assert near == []


def test_nine_in_ten_posts_that_need_follow_up_have_a_calmer_and_an_angrier_sequel():
    owed = [post for post in POSTS if post["follow_up"]]
    short = [post["id"] for post in owed if not {"calmer", "angrier"} <= set(moods(post))]
    assert len(short) <= 0.1 * len(owed), short


def test_about_a_third_of_the_posts_that_need_follow_up_have_a_chase():
    owed = [post for post in POSTS if post["follow_up"]]
    assert 0.25 <= sum(post["chase"] is not None for post in owed) / len(owed) <= 0.42


def test_sequels_have_known_moods_each_at_most_once():
    for post in POSTS:
        assert set(moods(post)) <= MOODS, post["id"]
        assert len(moods(post)) == len(set(moods(post))), post["id"]


def test_posts_that_need_nothing_have_no_sequel():
    assert [post["id"] for post in POSTS if not post["follow_up"] and later_texts(post)] == []


def test_sequels_and_chases_are_all_distinct():
    seen = Counter(text for post in POSTS for text in later_texts(post))
    assert [text for text, count in seen.items() if count > 1] == []


def test_handles_use_only_lower_case_latin_letters_digits_and_underscores():
    people = {post["author"] for post in POSTS}
    for post in POSTS:
        assert HANDLE.fullmatch(post["author"]), post["author"]
        for handle in re.findall(r"@([A-Za-z0-9_]+)", post["text"]):
            assert handle in people | {"everyone"}, (post["id"], handle)


def test_every_link_goes_to_a_host_under_example():
    for post in POSTS:
        for text in [post["text"], *later_texts(post)]:
            for hit in HOST.finditer(text):
                host = (hit.group(1) or hit.group(2)).lower()
                assert host.endswith(".example"), (post["id"], host)
