-- SPDX-License-Identifier: GPL-3.0-or-later
return lesson { format = 1, id = "adam", seed = 1, minutes = 20,
title = "Adam, and what its correction really changes",
covers = { "F4", "F5", "X1", "X3", "X16" }, needs = { "momentum", "adaptive" },
summary = "Momentum for the direction, a running mean of squares for the size; why the first \z
          steps must be corrected, and how a wrong Adam is told from a right one.",

demo { id = "setup", say = [[
Three losses from the last lessons: the trough, a slope of 1 for ever, and a
tilted plane. And `steps`, which tells how long the steps are on the slope.
]], [[
L = loss(function(phi0, phi1)
    return 1 - exp(-2*phi1^2)*exp(-(phi0 - 0.7)^2/8)
end)
how = {start = {-0.7, -0.9}}
slope = loss(function(x) return x end)
tilted = loss(function(a, b, c) return 3*a - 2*b + 5*c end)
function steps(opt, n)
    local x = descend(slope, opt, {start = {0}}):step(n).trace.phi
    return (x:slice(1, n) - x:slice(2, n + 1)):col(1)
end
a = steps(optim.rmsprop{alpha = 1}, 100)
a[1], a[2], a[10], a[100]
]],
expect = { ["a[1]"] = { 3.162278, 1e-5 }, ["a[100]"] = { 1, 1e-3 } },
see = [[
RMSProp settles at steps of α. Its first one is 3.16 α. Why?
]] },

text { id = "adam", [[
Adam takes momentum for the direction and RMSProp for the size:

    m ← β·m + (1 − β)·g        v ← γ·v + (1 − γ)·g²
    m̃ = m/(1 − βᵗ)             ṽ = v/(1 − γᵗ)
    φ ← φ − α · m̃ / (√ṽ + ε)

t counts the updates, from 1. The middle line is the bias correction.
]] },

number { id = "m-one", ask = [[
First update: m = 0 before, g = 3, β = 0.9. What are m and m̃? Two numbers.
]],
answer = { { 0.3, 3 }, 1e-3 },
wrong = { { { 0.3, 0.3 }, "m̃ is m divided by 1 − 0.9." },
          { { 3, 3 }, "m takes g with the weight 1 − β = 0.1." },
          { { 2.7, 3 }, "The weight of g is 1 − β, not β." } },
hints = { "m = 0.1*3", "m̃ = 0.3/(1 - 0.9)" },
see = [[
m began at 0, so it is too small: it is mostly that 0. m̃ is the mean of
what was really seen, one gradient of 3.
]] },

number { id = "first-step", ask = [[
And v: γ = 0.999, so ṽ comes out as 9. With α = 0.05, how far does φ move?
]],
answer = { 0.05, 1e-4 }, from = "0.05*3/sqrt(9)",
wrong = { { 0.15, "Divide by √ṽ, which is 3." },
          { 0.0166667, "Divide by √9, not by 9." } },
hints = { "α·m̃/√ṽ", "0.05*3/3" },
see = [[
α. The first step of Adam is α in every component, whatever the gradient.
]] },

demo { id = "explained", [[
r = descend(tilted, optim.adam{alpha = 0.05}, {start = {0, 0, 0}}):step()
r.phi
optim.adam{alpha = 0.05}]],
expect = { ["r.phi"] = { { -0.05, 0.05, -0.05 }, 1e-6 } },
see = [[
explain(optim.adam{alpha = 0.05}) says what each of these does; explain(r) puts
the numbers in.
]] },

figure { id = "terms", say = [[
m and m̃, v and ṽ, when the slope is 1 for ever (with γ = 0.99):
]], [[
r = descend(slope, optim.adam{alpha = 1, gamma = 0.99}, {start = {0}})
plot.terms{r:step(50), "m", "m_corrected", "v", "v_corrected"}]],
alt = "Two panels over 50 updates. m rises from 0.1 towards 1, m̃ is 1 throughout. v rises more \z
      slowly, from 0.01 to 0.4, and ṽ is 1 throughout.",
see = [[
v takes ten times as long to forget its 0 as m does.
]] },

predict { id = "no-correction", ask = [[
Now leave the correction away. m is too small at the beginning: with
β = 0.9 it is a tenth of g. And v is too small as well. Is the first step
then shorter or longer than α? (γ = 0.999)
]],
yes = { "longer", "3.16 α. v is a thousandth of g², and its root 0.032: too small by more than \z
                   m is." },
no = { { "shorter, α/10", "That would be so if only m mattered. One divides by the root of v." },
       { "the same", "For one pair of β and γ it is. Not for this." } },
run = [[
off = steps(optim.adam{alpha = 1, bias_correction = false}, 50)
off[1], off[2], off[5], off[10]
]],
expect = { ["off[1]"] = { 3.162278, 1e-5 }, ["off[10]"] = { 6.5278, 1e-3 } },
},

number { id = "formula", ask = [[
Without correction the first step is α·(1 − β)/√(1 − γ). How many α is it
for β = 0.9, γ = 0.99?
]],
answer = { 1, 1e-3 }, from = "(1 - 0.9)/sqrt(1 - 0.99)",
wrong = { { 10, "There is a root in the denominator: √0.01 = 0.1." },
          { 3.162278, "That is for γ = 0.999.", 1e-3 } },
hints = { "0.1/√0.01" },
see = [[
Exactly α, by chance. Whoever tests an Adam by its first step with these
numbers finds no fault.
]] },

demo { id = "four", say = [[
With γ = 0.99 the error comes later. The correction can also be made for m
alone, or for v alone. Steps 1, 2, 5, 10, 50 on the constant slope, in
units of α:
]], [[
lines = {}
for k, which in ipairs{true, false, "m", "v"} do
    local s = steps(optim.adam{alpha = 1, gamma = 0.99,
        bias_correction = which}, 50)
    lines[k] = s
    print(which, array{s[1], s[2], s[5], s[10], s[50]})
end]],
expect = { ["lines[2][5]"] = { 1.850, 1e-3 }, ["lines[4][1]"] = { 0.1, 1e-4 },
           ["lines[3][1]"] = { 10, 1e-4 }, ["lines[1][5]"] = { 1, 1e-5 } },
},

figure { id = "corrections", [[
plot.lines{y = lines, log = "y", labels = {"true", "false", "m", "v"},
    x_label = "update t", y_label = "step/α"}]],
alt = "Length of the step over t, four curves. With both corrections (true) it is 1. Without \z
      (false) it begins at 1, rises to 2.1 at t = 13 and falls slowly. With m only it falls \z
      from 10. With v only it rises from 0.1 to 1.",
see = [[
Only with both is a constant slope answered by a constant step.
]] },

choice { id = "boost", ask = [[
One text says the correction boosts, another says it moderates the first
steps. m̃ and ṽ are both larger than m and v. Who is right, for the usual
β = 0.9, γ = 0.999?
]],
yes = { "both: m and v are boosted, the step gets smaller",
        "From 3.16 α down to α. ṽ stands below." },
no = { { "the first: m is larger, so the step is", "One divides by √ṽ, which grows more: from \z
                                                    3.16 α the step comes down to α." },
       { "neither: it changes nothing", "It changes 3.16 α into α." } } },

predict { id = "no-exponent", ask = [[
A frequent slip: m/(1 − β) and v/(1 − γ), without the exponent t. At t = 1
that is right. On the constant slope, where do the steps go?
]],
yes = { "up to about twice α, then down to 0.316 α for ever",
        "In the long run m = 1 and v = 1, and it still multiplies by 10/√1000." },
no = { { "they stay at α", "1 − β^t tends to 1. Without the t the divisor stays small for ever." },
       { "up to 3.16 α for ever", "Turned round: m is ten times, √v 31.6 times too large." } },
run = [[
slip = optim{name = "no exponent", alpha = 1, beta = 0.9, gamma = 0.999,
    state = {"m", "v"},
    update = function(phi, g, s, h, t)
        s.m = h.beta*s.m + (1 - h.beta)*g
        s.v = h.gamma*s.v + (1 - h.gamma)*g^2
        return phi - h.alpha*(s.m/(1 - h.beta))/sqrt(s.v/(1 - h.gamma))
    end}
a = steps(slip, 5000)
a[1], a[12], a[1000], a[5000]
]],
expect = { ["a[1]"] = { 1, 1e-9 }, ["a[12]"] = { 2.077, 1e-3 },
           ["a[5000]"] = { 0.3173, 1e-3 } },
},

demo { id = "literal", say = [[
One more notation. v needs the square of the derivative, (∂L/∂φ)². Some
print ∂L²/∂φ. Read as it stands, that is the derivative of L². For the line,
at (0.6, -0.2), both:
]], [[
line = loss.least_squares(model.line, data.line12)
line:gradient{0.6, -0.2}^2
2*line(0.6, -0.2)*line:gradient{0.6, -0.2}]],
expect = { ["line:gradient{0.6, -0.2}^2"] = { { 479.7852, 720.4092 }, 1e-3 },
           ["2*line(0.6, -0.2)*line:gradient{0.6, -0.2}"] = { { -541.7693, -663.8660 }, 1e-2 } },
},

choice { id = "literal-why", ask = [[
Why can the second pair not be what v is made of?
]],
yes = { "it is negative, and v's root is taken", "A square is never negative; a derivative may \z
                                                  be." },
no = { { "it is too large", "Size is no argument: α could make up for it. Look at the sign." },
       { "it is not a gradient", "It is one, that of L². v wants no gradient, but squares." } } },

code { id = "adam-step", points = 6, fn = "adam", returns = { "phi", "m", "v" },
ask = [[
Write one update of Adam for a single parameter. All arguments are numbers.
Return the new phi, m and v (the uncorrected ones).
]],
starter = [[
function adam(phi, m, v, g, t, alpha, beta, gamma, epsilon)
    -- m, v, then their corrected forms, then phi
    return phi, m, v
end]],
solution = [[
function adam(phi, m, v, g, t, alpha, beta, gamma, epsilon)
    m = beta*m + (1 - beta)*g
    v = gamma*v + (1 - gamma)*g^2
    local m_corrected = m/(1 - beta^t)
    local v_corrected = v/(1 - gamma^t)
    phi = phi - alpha*m_corrected/(sqrt(v_corrected) + epsilon)
    return phi, m, v
end]],
given = function(r)
    local sign = r:pick { -1, 1 }
    return r:num(), r:num(), r:num(0.5, 2), sign*r:num(0.5, 2), r:int(2, 6), r:num(0.5, 1),
        r:pick { 0.5, 0.6, 0.8 }, r:pick { 0.7, 0.9 }, r:pick { 0.01, 0.1 }
end,
mistakes = {
    { id = "no-exponent", swap = { "beta^t", "beta", "gamma^t", "gamma" },
      say = "The exponent t is missing in both corrections: right at t = 1 only." },
    { id = "no-exponent-m", swap = { "beta^t", "beta" },
      say = "The exponent t is missing in the correction of m." },
    { id = "no-exponent-v", swap = { "gamma^t", "gamma" },
      say = "The exponent t is missing in the correction of v." },
    { id = "none", swap = { "m/(1 - beta^t)", "m", "v/(1 - gamma^t)", "v" },
      say = "m and v are right. The step is made with the uncorrected ones." },
    { id = "only-v", swap = { "m/(1 - beta^t)", "m" },
      say = "The step uses m as it is; it wants the corrected one." },
    { id = "only-m", swap = { "v/(1 - gamma^t)", "v" },
      say = "The step uses v as it is; it wants the corrected one." },
    { id = "kept", swap = { "    local m_corrected = m/(1 - beta^t)\n", "    m = m/(1 - beta^t)\n",
      "    local v_corrected = v/(1 - gamma^t)\n", "    v = v/(1 - gamma^t)\n",
      "m_corrected", "m", "v_corrected", "v" },
      say = "phi is right. But you return the corrected m and v: the next update would correct \z
            them again." },
    { id = "no-square", swap = { "g^2", "g" }, say = "v takes the square of g." },
    { id = "no-root", swap = { "sqrt(v_corrected)", "v_corrected" },
      say = "The root is missing: divide by √ṽ + ε." },
    { id = "epsilon-out", swap = { "/(sqrt(v_corrected) + epsilon)",
      "/sqrt(v_corrected) - alpha*epsilon" },
      say = "ε is added to the step. It belongs under the line: (√ṽ + ε)." },
    { id = "epsilon-in", swap = { "sqrt(v_corrected) + epsilon", "sqrt(v_corrected + epsilon)" },
      say = "ε stands inside the root. Some print it so; here it is outside: √ṽ + ε." },
    { id = "no-weight-m", swap = { "(1 - beta)*g", "g" },
      say = "g enters m with the weight 1 - beta." },
    { id = "no-weight-v", swap = { "(1 - gamma)*g^2", "g^2" },
      say = "g² enters v with the weight 1 - gamma." },
    { id = "exchanged", swap = { "beta*m + (1 - beta)*g", "gamma*m + (1 - gamma)*g",
      "gamma*v + (1 - gamma)*g^2", "beta*v + (1 - beta)*g^2" },
      say = "beta and gamma are exchanged: beta is for m, gamma for v." },
    { id = "extra-g", swap = { "m_corrected/(sqrt", "m_corrected*g/(sqrt" },
      say = "There is a factor g too many in the step." },
    { id = "uphill", swap = { "phi - alpha", "phi + alpha" },
      say = "That goes uphill: the step is subtracted." },
},
hints = { "Five lines, in the order in which they stand above: m, v, m̃, ṽ, φ.",
          "local m_corrected = m/(1 - beta^t)",
          "phi = phi - alpha*m_corrected/(sqrt(v_corrected) + epsilon)" },
see = [[
The tests used t from 2 on. The first step alone would have let half of the
known mistakes pass.
]] },

demo { id = "run", say = [[
Adam on the trough, 60 updates:
]], [[
adam_run = descend(L, optim.adam{alpha = 0.05, gamma = 0.99}, how):step(60)
adam_run.phi, adam_run.loss]],
expect = { ["adam_run.phi"] = { { 0.667073, 0.029500 }, 1e-5 },
           ["adam_run.loss"] = { 0.0018743, 1e-6 } },
},

figure { id = "compare", [[
n = descend(L, optim.normalized{alpha = 0.08}, how):step(41)
plot.surface{L, n, adam_run, phi0 = {-1.2, 1.6}, phi1 = {-1.2, 1.2}}]],
alt = "Two paths from (-0.7, -0.9), straight up to the right at first. Normalized gradients end \z
      in a short jump to and fro at the minimum. Adam runs a little past it and returns in a \z
      small loop.",
see = [[
Both directions at the same pace, and near the minimum Adam slows down.
]] },

predict { id = "lowest", ask = [[
The same 60 updates without correction, and with m alone corrected. After
all, these are faulty. Which ends lowest?
]],
yes = { "one of the faulty ones", "0.00016 with m alone, 0.00039 without, 0.00187 done right." },
no = { { "the right one", "Not on this loss: longer first steps happen to help here." },
       { "they end alike", "0.00187, 0.00039, 0.00016." } },
run = [[
for _, on in ipairs{"m", "v"} do
    local r = descend(L, optim.adam{alpha = 0.05, gamma = 0.99,
        bias_correction = on}, how):step(60)
    print("only " .. on, r.loss)
end
none = descend(L, optim.adam{alpha = 0.05, gamma = 0.99,
    bias_correction = false}, how):step(60)
none.loss, adam_run.loss]],
expect = { ["none.loss"] = { 0.00038640, 1e-7 } },
see = [[
So a low final loss does not show that a rule was written correctly. Only
the terms do, update by update.
]] },

try { id = "own-alpha", ask = [[
Let Adam settle: bring it below 1e-6 in at most 200 updates, by α alone.

    mine = descend(L, optim.adam{alpha = 0.05}, how):step(200)
    mine.loss
]],
goal = function(e)
    return e.mine.loss < 1e-6 and e.mine.t <= 200 and e.mine.optimizer.name == "adam"
end,
near = { { by = "mine = descend(L, optim.adam{alpha = 0.003}, how):step(200)",
           when = function(e) return e.mine.t <= 200 and e.mine.loss > 0.01 end,
           say = "It has not arrived. Each step is about α long, and it is 1.4 away." },
         { by = "mine = descend(L, optim.adam{alpha = 0.9}, how):step(2000)",
           when = function(e) return e.mine.t > 200 end, say = "That took more than 200 updates." },
},
solution = "mine = descend(L, optim.adam{alpha = 0.1}, how):step(200)",
hints = { "Try 0.02, 0.1 and 0.3." } },

text { id = "summary", [[
What you have now:

    Adam          momentum above, RMSProp below, both corrected
    first step    α in every component, whatever the gradient
    correction    m and v begin at 0; without it the first step is
                  α(1 − β)/√(1 − γ), and longer ones follow
    exponent      1 − βᵗ, not 1 − β
    tests         at t of 2 and more, term by term

To try next: explain(adam_run, 2). Adam on the Gabor loss of lesson
"valleys", with and without batches: which α? optim.adam{epsilon_inside =
true} and a large epsilon: what changes?
]] },
}
