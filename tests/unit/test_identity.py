"""What is remembered by identity is worked out once of the same things, and never taken for another's."""

from __future__ import annotations

from exchange.identity import by_identity


def test_it_is_worked_out_once_of_the_same_things_and_anew_of_equal_ones() -> None:
    asked: list[list[int]] = []

    @by_identity(8)
    def total(numbers: list[int], more: int) -> int:
        asked.append(numbers)
        return sum(numbers) + more

    one, equal = [1, 2], [1, 2]
    assert [total(one, 0), total(one, 0), total(equal, 0), total(one, 1)] == [3, 3, 3, 4]
    assert [id(numbers) for numbers in asked] == [id(one), id(equal), id(one)]


def test_things_that_come_and_go_are_not_taken_for_one_another_however_many_are_held() -> None:
    @by_identity(3)
    def first(numbers: list[int]) -> int:
        return numbers[0]

    assert [first([number]) for number in range(100)] == list(range(100))
