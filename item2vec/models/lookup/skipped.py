"""Counts of the users, items and interactions that bulk look-ups skip."""

from dataclasses import dataclass

from item2vec._support.messages import counted


@dataclass
class Skipped:
    """Counts of the users, items and interactions that a bulk look-up skips.

    The counts are updated while the look-up runs.

    Parameters
    ----------
    users : int
        Users without an item that the model has.
    users_without_items_left : int
        Users without a recommendation, because the filters leave only items of their history.
    items, interactions : int
        Items that the model lacks, and the interactions with them.
    pairs : int
        Pairs of an unknown user or item.
    filter_ids : int
        Ids in filters that the model lacks.
    """

    users: int = 0
    users_without_items_left: int = 0
    items: int = 0
    interactions: int = 0
    pairs: int = 0
    filter_ids: int = 0

    def to_dict(self) -> dict[str, int]:
        """Return the counts by name."""
        return dict(vars(self))

    def lines(self) -> list[str]:
        """Return a sentence for each count above 0."""
        lines = []
        if self.items:
            where = f", in {counted(self.interactions, 'interaction')}" if self.interactions else ""
            lines.append(f"Skipped {counted(self.items, 'item')} that the model lacks{where}.")
        if self.users:
            lines.append(f"Skipped {counted(self.users, 'user')} without a known item.")
        if self.users_without_items_left:
            lines.append(
                f"Skipped {counted(self.users_without_items_left, 'user')} for whom the filters "
                "leave no item."
            )
        if self.filter_ids:
            lines.append(
                f"Skipped {counted(self.filter_ids, 'id')} in filters that the model lacks."
            )
        if self.pairs:
            lines.append(f"Skipped {counted(self.pairs, 'pair')} of unknown users or items.")
        return lines
