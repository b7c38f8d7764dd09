"""What is simulated: the pathway, its demand, its staff, its practice models, costs and claims.

The path of a file: its text is read (`text`, with `locate` for line numbers), `extends`, presets
and `--set` change the tables (`config`, `changes`), sources and assumptions are taken off
(`sources`), strict forms are made (`forms`, of `form_parts`; `wording` says what does not fit), the
rules across tables are checked (`checks`, `map_checks`, `stay_checks`; `mending` for a file that
does not fit its form), each arm is built (`build`), and the complete file is written (`complete`).
What comes out is the resolved types that every other room reads: a `Study` of `Scenario`s
(`scenario`), made of a `Pathway` (`pathway`), a `Demand` (`demand`), `Team`s (`workforce`), a
`PracticeModel` (`practice`), a `PriceList` (`costs`), `Claim`s (`claims`), stays (`durations`) and
uncertain numbers (`quantities`).
"""
