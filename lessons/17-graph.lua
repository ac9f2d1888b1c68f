-- SPDX-License-Identifier: GPL-3.0-or-later
return lesson { format = 1, id = "graph", seed = 1, minutes = 20,
title = "Backwards through the graph",
covers = { "I1", "I2", "H7", "P5" }, needs = { "derivatives" },
summary = "How a machine finds exact derivatives without being told a formula: every step of a \z
          computation passes back how much it matters.",

text { id = "start", [[
Differences cost two losses for each parameter, and are not exact. Formulas
are exact, and a network would need thousands. Yet the program gives exact
gradients of whatever you write. How?

It writes down each step of the computation, a graph, and walks through it
once more, backwards.
]] },

number { id = "forward", ask = [[
A small one: d = x·y, then f = d + z. With x = 2, y = -5, z = 3, what is f?
]],
answer = { -7, 1e-6 }, from = "2*-5 + 3",
wrong = { { 13, "The sign of y: 2·(-5) = -10." }, { -10, "That is d; z comes to it." } },
hints = { "d = -10", "-10 + 3" } },

text { id = "back", [[
Now backwards. Each node gets a number: how fast f grows when that node
grows, ∂f/∂node. For f itself that is 1. Then, going back:

    a sum      hands its number on to both of its inputs
    a product  hands each input its number times the OTHER input
]] },

number { id = "d", ask = [[
f = d + z. Which numbers do d and z get? Two numbers.
]],
answer = { { 1, 1 }, 1e-6 },
wrong = { { { -10, 3 }, "Those are their values. If d grows by 1, how much does f grow?" } },
hints = { "A sum hands on its 1." } },

number { id = "xy", ask = [[
d = x·y got 1. Which numbers do x and y get? (x = 2, y = -5)
]],
answer = { { -5, 2 }, 1e-6 },
wrong = { { { 2, -5 }, "Those are their values. Each gets the other one: if x grows by 1, d \z
                        grows by y." },
          { { 1, 1 }, "That would be a sum. Here the other factor comes in." },
          { { 5, 2 }, "y is -5: when x grows, d falls." } },
hints = { "x gets 1·y, y gets 1·x." } },

demo { id = "graph", say = [[
The program's own:
]], [[
graph(function(x, y, z) local d = x*y; return d + z end,
    {x = 2, y = -5, z = 3})]],
see = [[
A row for each node: what it does, its value, its number. The lines at the
right show who uses whom: an arrow takes in, corners give.
]] },

choice { id = "local", ask = [[
What must the node d know to do its part of the way back?
]],
yes = { "its inputs x and y, and the number handed to it",
        "Nothing of the rest. So nodes of any kind can be joined to any graph." },
no = { { "the formula of f", "It is handed one number, 1. What f does with d is in that number." },
       { "all the other nodes", "Only its own inputs, and what comes from above." } } },

number { id = "twice", ask = [[
f = (x + y)·x, with x = 3 and y = 2. Here x is used twice. What is ∂f/∂x?
]],
answer = { 8, 1e-6 }, from = "graph(function(x, y) return (x + y)*x end, {3, 2}).nodes.x.gradient",
wrong = { { 5, "That is what comes through the product. It comes through the sum, too." },
          { 3, "That is what comes through the sum. It comes through the product, too." },
          { 15, "That is f." } },
hints = { "Through the product x gets x + y = 5. Through the sum it gets 3.",
          "What comes on two ways is added." },
see = [[
Used twice, added up. That is the only rule about graphs one must keep in
mind.
]] },

demo { id = "twice-graph", [[
graph(function(x, y) local s = x + y; return s*x end, {x = 3, y = 2})]],
},

predict { id = "relu", ask = [[
relu(u) is 0 for u below 0, else u. Take f = relu(x − 3)·y with x = 1 and
y = 4. Which numbers do x and y get?
]],
yes = { "0 and 0", "relu is flat at -2, so nothing comes through to x; and y is multiplied by 0." },
no = { { "4 and 0", "4 is handed to relu. There the slope is 0, and 4·0 = 0." },
       { "4 and -2", "relu(-2) is 0, not -2." } },
run = [[
graph(function(x, y) local u = x - 3; return relu(u)*y end, {x = 1, y = 4})]],
expect = { ["graph(function(x, y) return relu(x - 3)*y end, {1, 4}).nodes.x.gradient"] =
    { 0, 1e-12 } },
see = [[
A unit that is off passes nothing back. Its parameters rest.
]] },

text { id = "neuron", [[
A neuron: u = w·x + b, s = sigmoid(u), and the error (s − 1)². The slope of
the sigmoid is s·(1 − s). With w = 1, b = 0, x = 2: s = 0.8808.
]] },

number { id = "neuron-w", ask = [[
Three factors lie on the way back to w: 2·(s − 1), then s·(1 − s), then x.
What is their product?
]],
answer = { -0.050062, 3e-5 },
from = "graph(function(w, b) return (sigmoid(w*2 + b) - 1)^2 end, {1, 0}).nodes.w.gradient",
wrong = { { -0.025031, "That is the number for b. w has one more factor, x = 2." },
          { 0.050062, "s − 1 is negative." },
          { -0.476812, "The slope of the sigmoid is missing: 0.8808·0.1192.", 1e-4 } },
hints = { "2*(0.8808 - 1) = -0.2384, and 0.8808*0.1192 = 0.1050.",
          "s = sigmoid(2); 2*(s - 1)*s*(1 - s)*2" } },

demo { id = "neuron-graph", [[
graph(function(w, b)
    local u = w*2 + b
    local s = sigmoid(u)
    return (s - 1)^2
end, {w = 1, b = 0})]],
},

text { id = "line", [[
The loss of a line, for its last point, (1.90, 1.60), is such a graph, too:
multiply, add, subtract y, square.
]] },

number { id = "line-slope", ask = [[
At (0.6, -0.2) the error is -1.38. The square hands back 2·(-1.38) = -2.76.
What arrives at φ₁?
]],
answer = { -5.244, 1e-3 },
from = "loss.least_squares(model.line, data.line12):graph({0.6, -0.2}, {example = 12})\z
        .nodes.phi1.gradient",
wrong = { { -2.76, "That arrives at φ₀. On the way to φ₁ there is the product with x = 1.9." },
          { 0.552, "That arrives at x: -2.76·φ₁." } },
hints = { "The product φ₁·x hands φ₁ the other factor, x.", "-2.76*1.9" } },

demo { id = "line-graph", [[
L = loss.least_squares(model.line, data.line12)
L:graph({0.6, -0.2}, {example = 12})]],
},

number { id = "ridge", ask = [[
Add a penalty, 0.5·(φ₀² + φ₁²). Now φ₁ is used in two places. Through the
line comes -5.244. What is ∂L/∂φ₁ in all?
]],
answer = { -5.444, 1e-3 },
from = "(L + 0.5*penalty.l2):graph({0.6, -0.2}, {example = 12}).nodes.phi1.gradient",
wrong = { { -0.2, "That is what comes through the penalty. Add both." },
          { -5.044, "0.5·2·φ₁ is -0.2: φ₁ is negative." },
          { -5.644, "0.5·2·φ₁ = φ₁ = -0.2." } },
hints = { "Through the penalty comes 0.5·2·φ₁ = -0.2.", "-5.244 - 0.2" } },

demo { id = "ridge-graph", [[
(L + 0.5*penalty.l2):graph({0.6, -0.2}, {example = 12})]],
see = [[
φ₀ and φ₁ have two ways to L, and their numbers are sums of two.
]] },

code { id = "backward", points = 5, fn = "backward", returns = { "da", "db", "dc", "dd" },
ask = [[
A network with one hidden unit, for one example:

    u = a + b·x     v = relu(u)     e = c + d·v − y     f = e²

Return ∂f/∂a, ∂f/∂b, ∂f/∂c, ∂f/∂d. Where u is not above 0, relu passes
nothing.
]],
starter = [[
function backward(a, b, c, d, x, y)
    local u = a + b*x
    local v = relu(u)
    local e = c + d*v - y
    local de = 2*e              -- what e gets
    -- on: dc, dd, dv, du, da, db
    return 0, 0, 0, 0
end]],
solution = [[
function backward(a, b, c, d, x, y)
    local u = a + b*x
    local v = relu(u)
    local e = c + d*v - y
    local de = 2*e
    local dc = de
    local dd = de*v
    local dv = de*d
    local du = 0
    if u > 0 then du = dv end
    local da = du
    local db = du*x
    return da, db, dc, dd
end]],
given = function(r) return r:num(), r:num(), r:num(), r:num(), r:num(), r:num() end,
mistakes = {
    { id = "no-relu", swap = { "local du = 0", "local du = dv", "if u > 0 then du = dv end", "" },
      say = "The relu is missing on the way back: where u is not above 0, it passes nothing." },
    { id = "sign", swap = { "if u > 0", "if u < 0" },
      say = "Turned round: relu passes where u is above 0." },
    { id = "no-d", swap = { "de*d\n", "de\n" },
      say = "v gets de times d, the other factor of the product." },
    { id = "no-v", swap = { "de*v", "de" },
      say = "d gets de times v, the other factor of the product." },
    { id = "x-for-v", swap = { "de*v", "de*x" },
      say = "d is multiplied by v, not by x: it gets de·v." },
    { id = "no-x", swap = { "du*x", "du" }, say = "b gets du times x." },
    { id = "u-for-v", swap = { "de*v", "de*u" },
      say = "d is multiplied by v, not by u: they differ where the unit is off." },
    { id = "order", swap = { "return da, db, dc, dd", "return dc, dd, da, db" },
      say = "The four are exchanged: first those for a and b, then those for c and d." },
},
same = { "line 10: `>` becomes `>=`" }, -- u = 0 is too rare to be met
hints = { "dc = de, and dd = de*v.", "dv = de*d; du is dv where u > 0, else 0.",
          "da = du, and db = du*x." } },

demo { id = "network", say = [[
Three such units side by side are the shallow network, with ten parameters.
Its graph for the first point:
]], [[
net = model.shallow{hidden = 3}
N = loss.least_squares(net, data.line12)
phi = {1.6, -0.6, -0.5, -1.1, 0.9, -2.3, -0.8, 0.8, 0.3, -0.2}
N:graph(phi, {example = 1})]],
},

number { id = "off", ask = [[
How many of the ten parameters get the number 0 here?
]],
answer = { 3, 0.1 },
wrong = { { 1, "One unit is off. Which parameters stand before it, and which after?" },
          { 2, "The two before the unit, yes. φ₂ after it is multiplied by 0, too." } },
hints = { "Look down the last column among the first ten rows.",
          "The unit with θ₂₀ and θ₂₁ is off; and φ₂ multiplies its 0." },
see = [[
Another point switches other units on. Over all twelve every one has its
say, or so one hopes.
]] },

predict { id = "cost", ask = [[
The graph of that loss had 30 nodes. What does the whole gradient cost, all
ten derivatives?
]],
yes = { "about as much again", "59 nodes, with those of the gradient. See the last line of the \z
                                graph." },
no = { { "ten times as much", "One walk back gives all ten: what is common is computed once." },
       { "twenty times as much", "That would be differences: two losses for each parameter." } },
run = [[
big = model.mlp{1, 100, 100, 1}
B = loss.least_squares(big, data.line12)
B.size
h = B:graph(big:init{seed = 1})
h.size, h.gradient_size]],
expect = { ["B.size"] = { 10401, 0.1 } },
see = [[
Here whole layers are one node. 10,401 derivatives for the price of one or
two more losses; differences would take 20,802 of them.
]] },

demo { id = "check", say = [[
And both agree:
]], [[
N:check(phi)]],
},

text { id = "summary", [[
What you have now:

    graph       each step of a computation is a node
    forward     values; backward: how much each matters to the result
    sum         hands its number on; product: times the other input
    relu        passes it on, or 0
    used twice  add what comes on both ways
    cost        about that of two or three losses, for all parameters

To try next: graph of a function of your own, with exp and a division. Why
does back-propagation need the values of the forward walk? How do the
numbers of model.mlp{1, 4, 4, 4, 4, 1, activation = "sigmoid"} shrink on
the way back?
]] },
}
