-- SPDX-License-Identifier: GPL-3.0-or-later
return exercise { format = 1, id = "zigzag", seed = 1,
title = "Why line search zigzags, and what helps",
covers = { "P7", "C6" },
task = [[
Descent with line search goes as far along −gradient as the loss falls, then
turns. In the long valley of a line's loss its path is a zigzag.

Answer by a letter, as in reason = "a", and by a number.
]],
starter = [[
angle = nil      -- in degrees
reason = nil     -- a letter
cure = nil       -- a letter
]],
solution = [[
angle = 90
reason = "the slope along the old direction is 0 at the point where the search ends"
cure = "centring x, so that the valley becomes rounder"
]],
answer { id = "angle", title = "the angle at each turn", points = 2, name = "angle",
ask = "Each search finds the exact minimum along its line. At which angle (in degrees) does the \z
       next direction stand to the last one?",
answer = { 90, 0.5 },
wrong = { { 180, "It would go straight back. But the search ended where going back and forth \z
                  gains nothing." },
          { 45, "Nothing prefers 45 degrees. What is the slope along the old direction at the end \z
                 of the search?" },
          { 0, "Then it would go on along the same line, which has been searched to its \z
                minimum." } } },
answer { id = "why", title = "why", points = 3, name = "reason", ask = "Why?",
yes = { "the slope along the old direction is 0 at the point where the search ends",
        "∇L(φ)·d = 0 there: the new gradient has no part along d." },
no = {
    { "each search overshoots the minimum along its line",
      "It ends at the minimum of its line, neither before nor beyond: nothing overshoots." },
    { "the gradient is computed on another batch each time",
      "All examples are used every time; there is no chance in it." },
    { "the learning rate is too large",
      "There is no learning rate: the search chooses how far." } } },
answer { id = "cure", title = "a cure", points = 3, name = "cure", ask = "What helps?",
yes = { "centring x, so that the valley becomes rounder",
        "The rounder the valley, the more nearly the gradient points to its middle. Momentum and \z
         Newton's method help too." },
no = {
    { "more rounds in each line search",
      "The more exact the search, the more exactly the turns are right angles." },
    { "a start further up the valley's side",
      "From almost every start it comes to the same zigzag, only elsewhere." },
    { "the negative gradient multiplied by 2",
      "The search finds the same point on the same line." } } },
hints = {
    "At the end of a search the loss neither falls nor rises along its direction d.",
    "So the slope along d, which is ∇L·d, is 0 there. The next direction is −∇L.",
    "Think of a round valley: where would the first search end?",
},
after = [[
fit(L, optim.line_search{}) walks so; plot(r) beside momentum's run shows
what remembering the last direction does.
]] }
