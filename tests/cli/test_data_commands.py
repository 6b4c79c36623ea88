"""`item2vec split`: files that it writes, and files that it never replaces."""

from invoking import error, run


def test_a_folder_that_cannot_be_made_is_told(folder, interactions):
    assert "can't be created" in error("split", interactions, "-o", interactions / "x", code=1)


def test_split_replaces_nothing_that_it_did_not_write(folder, interactions, tmp_path):
    (tmp_path / "held_out.csv").write_text("mine")
    told = error("split", interactions, "-o", tmp_path, code=1)
    assert "held_out.csv exists with other contents" in told
    assert [path.name for path in tmp_path.iterdir()] == ["held_out.csv"], "all or nothing"
    run("split", interactions, "-o", tmp_path, "--force")
    run("split", interactions, "-o", tmp_path)  # the same once more changes nothing
    assert len(list(tmp_path.iterdir())) == 2
