"""What the page says in every report: how to read its figures, and what the model leaves out."""

GRADES_IN_WORDS = (
    "A published for the place; B published for a wider area, or plain arithmetic on what is "
    "published; C at second hand, or worked out; D assumed"
)

PROBABILITIES = (
    (
        "Expected",
        "Suppose that the true strength of the practice model, its prices and its staffing were "
        "known, and that good and bad luck were averaged out. How likely is it that the saving "
        "then to be expected reaches the claim? This is the question to ask of a business case.",
    ),
    (
        "Outturn",
        "How likely is it that the year's actual figure comes out at or under what it would be "
        "without the change, on average, less the claim? Prices that are not known and luck are in "
        "it; below stands the same chance with no change at all. Where the two are close, the "
        "claim is too small to be seen in the accounts. Where spending is claimed to fall below "
        "that of the first year, that year's own spending stands in the place of the mean. This is "
        "the question to ask of a budget.",
    ),
    (
        "Coupled",
        "In what share of simulated futures is the figure lower by the claimed amount than in the "
        "same future, with the same families and the same luck, without the change? Only a "
        "simulation can see both; nobody will be able to check it afterwards.",
    ),
)

READING = (
    (
        "Future",
        "One simulated run of the whole period. Each future is run once for each arm with the same "
        "families and the same luck, so that the difference is the practice and not the weather.",
    ),
    (
        "Band",
        "Where a future may fall. Eight of ten futures fall inside the 80% band; one of ten falls "
        "below it and one above. More futures do not make it narrower.",
    ),
    (
        "Interval of the mean",
        "How exactly the mean is known from this number of futures (95%). More futures make it "
        "narrower. The figures behind each mean are in bands.csv.",
    ),
    (
        "Cashable, capacity, partner",
        "Cashable: a bill that is not paid. Capacity: workers' time set free, which is no money "
        "until a post is given up. Partner: spending of the police, the NHS or others. Gross is "
        "cashable and capacity together; partners' money is never added to it, nor are the "
        "salaries of posts while they stand empty, which count in what is left after costs alone.",
    ),
)

WHY_FUTURES_DIFFER = (
    ("Chance", "which families come, and how long they stay."),
    (
        "Ignorance",
        "numbers that are not known exactly: effects, prices, how fast practice changes.",
    ),
    (
        "Drift",
        "the authority's own wandering: referrals and thresholds that move from year to year.",
    ),
)

LEFT_OUT = (
    (
        "What becomes of each child beyond the pathway",
        "Health, school and later life are not valued. If practice improves them, the benefit to "
        "children is larger than any figure here; the council's saving is not affected.",
    ),
    (
        "The capacity of the courts",
        "Proceedings take as long as they do now. Fewer applications could shorten them, and the "
        "saving would be larger; a growing backlog would keep children in care for longer and "
        "make it smaller.",
    ),
    (
        "Posts that follow demand",
        "Where referrals and thresholds wander upwards, teams fill and families wait, since "
        "nobody is hired for them. Posts that a practice model adds then save more workers' time "
        "than they would beside a council that hires: the gross saving is overstated, cash hardly.",
    ),
    (
        "The supply of placements",
        "Prices do not answer to demand. Places bought in a block are paid for whether used or "
        "not, but only as many as the file names; if there are more, or if one child's place is "
        "filled by the next, fewer children lower the bill by less: the cashable saving is likely "
        "to be overstated, most in the first years.",
    ),
    (
        "Brothers and sisters who stay at home",
        "A child who is kept out of care does not change what happens to the others in the "
        "family. If some of them come to harm and into care later, the saving is overstated.",
    ),
)

CHECKS = (
    "Two engines, one written to be read and one to be fast, tell the same events and counts, to "
    "the byte, on Bury's file and on random services from calm to drowning.",
    "With one team, waits, queues and busy workers are those of queueing theory; with unlimited "
    "staff, visits, days, money and savings are those of exact laws.",
    "The same network of queues in another package (Ciw), and a plain version written apart from "
    "the engines, agree with it where they hold the same rules.",
    "Where nothing is changed nothing is saved, and Bury's stocks stay where they start.",
    "Bands, intervals and probabilities hold what they promise on cases with known answers.",
    "One future alone is that future of a thousand, on one processor or many.",
    "The rates of Bury's file were worked out again from the published counts by another route.",
    "Event records of Bury are audited route by route and stay by stay against the file.",
)

NOT_DONE = (
    "No audit of the program or the file by anybody outside the work is recorded.",
    "Comparison with case-level records of the place: only published counts were used.",
    "Comparison of the savings with audited accounts of any council.",
)

TABLES = (
    (
        "answer.csv",
        "Every figure of the first page in the order of reading, in full and as printed, with the "
        "table, row and column that hold it too; where they are empty it is told here alone.",
    ),
    (
        "claims.csv",
        "Every claim with its figures and its three probabilities, by how much it is missed where "
        "it is, and the numbers that it leans on.",
    ),
    (
        "switching.csv",
        "Every claim with the value of each number alone at which it turns. There only once "
        "simfs claims --believe was asked of the folder.",
    ),
    (
        "bands.csv",
        "Every figure of every arm and of the difference, by week and by financial year: mean, "
        "interval of the mean and bands. bands.parquet holds the same for other programs.",
    ),
    ("finance.csv", "Pounds of every cost line by arm and financial year."),
    (
        "money.csv",
        "What each plan is worth by two readings of what counts as money: by year, net present "
        "value, return, payback and reserves.",
    ),
    (
        "grades.csv",
        "What each effect carries of each cost line of the central gross saving, in pounds over "
        "all years, with the evidence grades of both and the weaker. Absent without effects or "
        "prices.",
    ),
    (
        "staff.csv",
        "A row for each arm, team and week, means over futures: posts filled, of them agency, "
        "empty posts, caseloads, children without a worker and, of the week's cases, days to "
        "allocation, children past a limit and changes of worker because one left. The date in "
        "“week” is its last day. Caseloads are in children for social work and in families for "
        "specialists. An empty cell is a week of which nothing can be told, such as days to "
        "allocation when nobody was allocated. The bands of each figure are in bands.csv.",
    ),
    (
        "dose.csv",
        "A row for each arm, need and week: on how many of the days with the need a specialist "
        "was there for it, in percent (0 to 100), with the 80% band. The date in “week” is its "
        "last day. Empty for an arm without such specialists. Filter by need for one discipline.",
    ),
    ("inputs.csv", "Every number of the scenario and where it comes from."),
    (
        "results.xlsx",
        "The same tables as a workbook for Excel: claims, finance, worth, the bands of financial "
        "years, staff by quarter and assumptions, with charts; its first sheet says how to read "
        "it.",
    ),
)
