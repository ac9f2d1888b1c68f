-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- The same rules, schedules and gradients by PyTorch, in double precision. What its conventions
-- are called here stands in the help of each rule; where they differ, the difference is shown.

local check = require "check"
local python = require "python"
local descent = require "descent"

local data, descend, loss, model, optim, schedule = descent.data,
    descent.descend, descent.loss, descent.model, descent.optim, descent.schedule

local run = python.with "torch"
if not run then
    check.skip("PyTorch's rules, schedules and gradients", "no python3 with torch")
    return
end

local line = data.line12
local L = loss.least_squares(model.line, line)
local STEPS = 40

local head = ([[
import torch
torch.set_default_dtype(torch.float64)
x = torch.tensor(%s)
y = torch.tensor(%s)
def loss(p): return ((p[0] + p[1]*x - y)**2).sum()
def go(make, schedule=None, steps=%d):
    p = torch.tensor([1.6, -0.5], requires_grad=True)
    o = make([p])
    s = schedule(o) if schedule else None
    for _ in range(steps):
        o.zero_grad()
        loss(p).backward()
        o.step()
        if s: s.step()
        print(repr(p[0].item()), repr(p[1].item()))
T = torch.optim
S = torch.optim.lr_scheduler
]]):format(python.literal(line.x), python.literal(line.y), STEPS)

-- The path of this program's rule, rows t = 1 .. STEPS, against PyTorch's.
local function same(what, optimizer, code, tolerance, point)
    check.test(what, function()
        local theirs = run(head .. code)
        local r = descend(L, optimizer, { start = { 1.6, -0.5 } }):step(STEPS)
        local phi = r.trace.phi
        if point then phi = point(r) end
        check.equal(#theirs, 2*STEPS)
        for t = 1, STEPS do
            for j = 1, 2 do
                check.close(phi(t + 1, j), theirs[2*(t - 1) + j], tolerance or 1e-11,
                    ("%s, update %d"):format(what, t))
            end
        end
    end)
end

same("SGD", optim.gd{ alpha = 0.01 }, "go(lambda p: T.SGD(p, lr=0.01))")
same("SGD with momentum: form = \"sum\"", optim.momentum{ alpha = 0.005, beta = 0.8, form = "sum" },
    "go(lambda p: T.SGD(p, lr=0.005, momentum=0.8))")
same("SGD with nesterov = True: the look-ahead point of form = \"sum\", lookahead = \"decayed\"",
    optim.nesterov{ alpha = 0.005, beta = 0.8, form = "sum", lookahead = "decayed" },
    "go(lambda p: T.SGD(p, lr=0.005, momentum=0.8, nesterov=True))", nil,
    function(r) return r.trace.phi - 0.005*0.8*r.trace.m end)
same("Adagrad", optim.adagrad{ alpha = 0.3, epsilon = 1e-10 },
    "go(lambda p: T.Adagrad(p, lr=0.3, eps=1e-10))")
same("Adadelta: rho is gamma, lr is alpha",
    optim.adadelta{ alpha = 1, gamma = 0.9, epsilon = 1e-6 },
    "go(lambda p: T.Adadelta(p, lr=1.0, rho=0.9, eps=1e-6))")
same("RMSprop: its alpha is gamma", optim.rmsprop{ alpha = 0.02, gamma = 0.97, epsilon = 1e-7 },
    "go(lambda p: T.RMSprop(p, lr=0.02, alpha=0.97, eps=1e-7))")
same("RMSprop, centred", optim.rmsprop{ alpha = 0.02, gamma = 0.9, epsilon = 1e-4, centred = true },
    "go(lambda p: T.RMSprop(p, lr=0.02, alpha=0.9, eps=1e-4, centered=True))", 1e-9)
same("Adam", optim.adam{ alpha = 0.1, beta = 0.9, gamma = 0.99, epsilon = 1e-6 },
    "go(lambda p: T.Adam(p, lr=0.1, betas=(0.9, 0.99), eps=1e-6))")
same("Adam with amsgrad", optim.adam{ alpha = 0.1, beta = 0.9, gamma = 0.9, amsgrad = true },
    "go(lambda p: T.Adam(p, lr=0.1, betas=(0.9, 0.9), eps=1e-8, amsgrad=True))")
same("AdamW: weight_decay", optim.adam{ alpha = 0.1, gamma = 0.99, weight_decay = 0.2 },
    "go(lambda p: T.AdamW(p, lr=0.1, betas=(0.9, 0.99), eps=1e-8, weight_decay=0.2))")
same("StepLR", optim.gd{ alpha = schedule.step{ alpha = 0.02, factor = 0.5, every = 7 } },
    "go(lambda p: T.SGD(p, lr=0.02), lambda o: S.StepLR(o, 7, 0.5))")
same("ExponentialLR", optim.gd{ alpha = schedule.exponential{ alpha = 0.02, factor = 0.9 } },
    "go(lambda p: T.SGD(p, lr=0.02), lambda o: S.ExponentialLR(o, 0.9))")
same("CosineAnnealingLR",
    optim.gd{ alpha = schedule.cosine{ alpha = 0.02, steps = 40, final = 0.001 } },
    "go(lambda p: T.SGD(p, lr=0.02), lambda o: S.CosineAnnealingLR(o, 40, 0.001))")
same("LambdaLR: a schedule of one's own",
    optim.gd{ alpha = schedule(function(t) return 0.02/(1 + 0.1*(t - 1)) end) },
    "go(lambda p: T.SGD(p, lr=0.02), lambda o: S.LambdaLR(o, lambda k: 1/(1 + 0.1*k)))")

check.test('dampening = beta is form = "average" but for the first update, where m is g', function()
    local theirs = run(head .. "go(lambda p: T.SGD(p, lr=0.01, momentum=0.8, dampening=0.8))")
    local g = L:gradient{ 1.6, -0.5 }
    check.close(theirs[1], 1.6 - 0.01*g[1], 1e-12) -- not (1 − β)·g
    local average = descend(L, optim.momentum{ alpha = 0.01, beta = 0.8 },
        { start = { 1.6, -0.5 } })
    check.close(average:step().phi[1], 1.6 - 0.01*0.2*g[1], 1e-12)
    -- From then on the recursion is the same: their m by their steps, ours by the rule.
    local function theirs_at(t, j) return t == 0 and ({ 1.6, -0.5 })[j] or theirs[2*(t - 1) + j] end
    for t = 2, STEPS do
        local here = L:gradient{ theirs_at(t - 1, 1), theirs_at(t - 1, 2) }
        for j = 1, 2 do
            local before = (theirs_at(t - 2, j) - theirs_at(t - 1, j))/0.01
            local m = (theirs_at(t - 1, j) - theirs_at(t, j))/0.01
            check.close(m, 0.8*before + 0.2*here[j], 1e-9)
        end
    end
end)

-- --- gradients of networks ----------------------------------------------------------------------

local function network(activation, kind, theirs, y)
    check.test(("gradient of a network, %s, %s"):format(activation, theirs), function()
        local m = model.mlp{ 3, 5, 4, 3, activation = activation }
        descent.seed(3)
        local x = descent.random.normal(24):reshape(8, 3)
        local N = kind(m, data.new{ x = x, y = y })
        local phi = m:init{ seed = 1, scheme = "xavier" }
        local p = m:named(phi)
        local function rows(w) return python.literal(w:table()) end
        local numbers = run(([[
import torch
torch.set_default_dtype(torch.float64)
x = torch.tensor(%s); y = torch.tensor(%s)
q = [torch.tensor(v, requires_grad=True) for v in (%s, %s, %s, %s, %s, %s)]
a = torch.%s
h = a(x @ q[0].T + q[1]); h = a(h @ q[2].T + q[3]); f = h @ q[4].T + q[5]
L = %s
L.backward()
print(repr(L.item()))
for v in q:
    for g in v.grad.flatten().tolist(): print(repr(g))
]]):format(rows(x), python.literal(y), rows(p.W1), rows(p.b1), rows(p.W2), rows(p.b2), rows(p.W3),
            rows(p.b3), activation, theirs))
        check.close(N(phi), numbers[1], 1e-11)
        local gradient = N:gradient(phi)
        check.equal(#gradient, #numbers - 1)
        for j = 1, #gradient do check.close(gradient[j], numbers[j + 1], 1e-10) end
    end)
end

local classes = { 1, 2, 3, 1, 2, 3, 3, 1 }
local targets = {}
for i = 1, 8 do targets[i] = { 0.3*i - 1, 0.1*i, -0.2*i } end
for _, activation in ipairs{ "relu", "tanh", "sigmoid" } do
    network(activation, loss.cross_entropy,
        "torch.nn.functional.cross_entropy(f, y.long() - 1, reduction='sum')", classes)
end
network("tanh", loss.hinge,
    "3*torch.nn.functional.multi_margin_loss(f, y.long() - 1, reduction='sum')", classes)
network("tanh", loss.least_squares, "((f - y)**2).sum()", targets)
network("tanh", loss.absolute, "(f - y).abs().sum()", targets)
network("tanh", loss.huber{ delta = 0.5 },
    "torch.nn.functional.huber_loss(f, y, reduction='sum', delta=0.5)", targets)
