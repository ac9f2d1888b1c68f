-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Update rules in Python. Each function gets the settings and what the target calls things, and
-- returns {numbers = names of settings that are used, state = lines before the loop, step = lines
-- of an update, functions = lines before all}. An update finds g, the gradient at phi, and leaves
-- phi; $ stands for np or torch, LOSS(p), GRADIENT(p) and HESSIAN(p) for the calls on the batch.

local rule = {}

local function lines(text)
    local list = {}
    for line in (text:gsub("\n$", "") .. "\n"):gmatch("(.-)\n") do list[#list + 1] = line end
    return list
end

local ZEROS = "$.zeros(len(phi))"

-- The quotient above/below, which is 0 where the gradient is: with epsilon = 0 both may be.
local function quotient(above, below, safe)
    if safe then return ("%s/(%s)"):format(above, below) end
    return ("%s/$.where(g == 0, 1.0, %s)"):format(above, below)
end

function rule.gd()
    return { numbers = { "alpha" }, step = lines "phi = phi - alpha*g" }
end

local momentum_update = {
    average = { "m = beta*m + (1 - beta)*g", "phi = phi - alpha*m" },
    velocity = { "m = beta*m - alpha*g", "phi = phi + m" },
    sum = { "m = beta*m + g", "phi = phi - alpha*m" },
}

function rule.momentum(s)
    return { numbers = { "alpha", "beta" }, state = { "m = " .. ZEROS },
        step = momentum_update[s.form] }
end

function rule.nesterov(s)
    local last = s.form == "velocity" and "m" or "alpha*m"
    local decayed = s.lookahead == "decayed" and "beta*" or ""
    return { numbers = { "alpha", "beta" }, state = { "m = " .. ZEROS },
        ahead = ("ahead = phi %s %s%s  # where the momentum alone would lead"):format(
            s.form == "velocity" and "+" or "-", decayed, last),
        step = momentum_update[s.form] }
end

function rule.normalized(s)
    return { numbers = { "alpha", "epsilon" },
        step = { "phi = phi - " .. quotient("alpha*g", "abs(g) + epsilon", s.epsilon > 0) } }
end

function rule.adagrad(s)
    return { numbers = { "alpha", "epsilon" }, state = { "v = " .. ZEROS },
        step = { "v = v + g**2",
            "phi = phi - " .. quotient("alpha*g", "$.sqrt(v) + epsilon", s.epsilon > 0) } }
end

function rule.adadelta(s)
    local step = "$.sqrt(u + epsilon)/$.sqrt(v + epsilon)*g"
    if s.epsilon == 0 then
        step = "$.where(g == 0, 0.0, $.sqrt(u)/$.sqrt($.where(g == 0, 1.0, v))*g)"
    end
    return { numbers = { "alpha", "gamma", "epsilon" },
        state = { "v = " .. ZEROS, "u = " .. ZEROS },
        step = { "v = gamma*v + (1 - gamma)*g**2", "step = " .. step,
            "u = gamma*u + (1 - gamma)*step**2", "phi = phi - alpha*step" } }
end

function rule.rmsprop(s)
    local state = { "v = " .. ZEROS }
    local step = { "v = gamma*v + (1 - gamma)*g**2" }
    local root = "$.sqrt(v)"
    if s.centred then
        state[2] = "m = " .. ZEROS
        step[2] = "m = gamma*m + (1 - gamma)*g"
        step[3] = "variance = v - m**2"
        step[4] = "variance = $.where(variance > 0, variance, 0.0)  # rounding aside, it is"
        root = "$.sqrt(variance)"
    end
    step[#step + 1] = "phi = phi - " .. quotient("alpha*g", root .. " + epsilon", s.epsilon > 0)
    return { numbers = { "alpha", "gamma", "epsilon" }, state = state, step = step }
end

function rule.adam(s)
    local state = { "m = " .. ZEROS, "v = " .. ZEROS }
    local step = { "m = beta*m + (1 - beta)*g", "v = gamma*v + (1 - gamma)*g**2" }
    local m, v, numbers = "m", "v", { "alpha", "beta", "gamma", "epsilon" }
    if s.amsgrad then
        state[3] = "v_max = " .. ZEROS
        step[#step + 1] = "v_max = $.maximum(v_max, v)"
        v = "v_max"
    end
    if s.bias_correction == true or s.bias_correction == "m" then
        step[#step + 1] = "m_corrected = m/(1 - beta**AGE)"
        m = "m_corrected"
    end
    if s.bias_correction == true or s.bias_correction == "v" then
        step[#step + 1] = ("v_corrected = %s/(1 - gamma**AGE)"):format(v)
        v = "v_corrected"
    end
    local below = s.epsilon_inside and ("$.sqrt(%s + epsilon)"):format(v)
        or ("($.sqrt(%s) + epsilon)"):format(v)
    local move = "alpha*" .. m .. "/" .. below
    if s.epsilon == 0 then
        step[#step + 1] = ("root = $.where(m == 0, 1.0, $.sqrt(%s))  # not 0"):format(v)
        move = ("alpha*%s/root"):format(m)
    end
    if s.weight_decay > 0 then
        numbers[#numbers + 1] = "weight_decay"
        -- Held parameters do not decay: they are put back behind the step.
        step[#step + 1] = "phi = phi - " .. move .. " - alpha*weight_decay*phi"
    else
        step[#step + 1] = "phi = phi - " .. move
    end
    return { numbers = numbers, state = state, step = step }
end

-- --- rules that search -------------------------------------------------------------------------

local BRACKET = [[
def bracket(value, most, threshold, rounds):
    """Where value is low on [0, most], by four points that close in."""
    a, b, c, d = 0.0, 0.33*most, 0.66*most, most
    for _ in range(rounds):
        if abs(c - b) <= threshold:
            break
        at_a, at_b, at_c, at_d = (v if math.isfinite(v) else math.inf
                                  for v in (float(value(p)) for p in (a, b, c, d)))
        if at_a <= min(at_b, at_c, at_d):  # all too far: halve the distances
            b, c, d = a + (b - a)/2, a + (c - a)/2, a + (d - a)/2
        else:
            if at_b < at_c or math.isinf(at_b):
                d = c
            else:
                a = b
            b, c = a + (d - a)/3, a + 2*(d - a)/3
    return (b + c)/2
]]

local WOLFE = [[
def cubic_minimum(p, q):
    """Where the cubic through two points (step, value, slope) is least."""
    first = p[2] + q[2] - 3*(p[1] - q[1])/(p[0] - q[0])
    square = first**2 - p[2]*q[2]
    if not square >= 0:
        return math.nan
    second = math.copysign(math.sqrt(square), q[0] - p[0])
    above, below = (q[0] - p[0])*(q[2] + second - first), q[2] - p[2] + 2*second
    if below == 0:
        return math.nan if above == 0 else -math.copysign(math.inf, above)
    return q[0] - above/below


def wolfe(phi, d, value, g, x_and_y, curvature, first, rounds):
    """A step along d that lowers the loss enough and flattens the slope (strong Wolfe
    conditions; Nocedal and Wright 2006, algorithms 3.5 and 3.6); None: there is none."""
    slope = float(g @ d)

    def look(step):
        there = float(loss(phi + step*d, *x_and_y))
        along = float(limited(gradient(phi + step*d, *x_and_y)) @ d)
        finite = math.isfinite(there) and math.isfinite(along)
        return (step, there, along) if finite else (step, math.inf, math.nan)

    def falls(p):
        return p[1] <= value + 1e-4*p[0]*slope

    def flat(p):
        return abs(p[2]) <= -curvature*slope

    def admitted(p):
        same = p[1] <= value + 1e-13*abs(value) and p[2] <= (2e-4 - 1)*slope
        return (falls(p) or same) and flat(p)

    def zoom(low, high, rounds):
        while rounds > 0:
            least, most = min(low[0], high[0]), max(low[0], high[0])
            step = cubic_minimum(low, high) if math.isfinite(high[1]) else math.nan
            step = (least + (most - least)/2 if math.isnan(step) else
                    min(max(step, least + 0.1*(most - least)), most - 0.1*(most - least)))
            if step in (low[0], high[0]):
                break
            point, rounds = look(step), rounds - 1
            if admitted(point):
                return step
            if not falls(point) or point[1] >= low[1]:
                high = point
            else:
                if point[2]*(high[0] - low[0]) >= 0:
                    high = low
                low = point
        return low[0] if low[0] > 0 and low[1] < value else None

    before, step = (0.0, value, slope), first
    while rounds > 0 and step > 0:
        point, rounds = look(step), rounds - 1
        if admitted(point):
            return step
        if not falls(point) or (before[0] > 0 and point[1] >= before[1]):
            return zoom(before, point, rounds)
        if point[2] >= 0:
            return zoom(point, before, rounds)
        if step >= MOST:
            return step
        further = cubic_minimum(before, point)
        if not further > 1.5*step:
            further = (1.5 if point[2] > before[2] else 10)*step
        before, step = point, min(further, 10*step, MOST)
    return before[0] if before[0] > 0 else None
]]

local LIMITED = [[
def limited(g):
    """A gradient as the search sees it: held parameters do not move."""
HELD    return g
]]

local function search_functions(s, held)
    local limited = LIMITED:gsub("HELD", held and "    g[held] = 0\n" or "")
    local wolfe = WOLFE
    if not s.max then
        wolfe = wolfe:gsub("        if step >= MOST:\n            return step\n", "")
            :gsub(", MOST%)", ")")
    end
    return limited .. "\n\n" .. wolfe:gsub("MOST", "longest")
end

function rule.line_search(s, held)
    if s.method == "bracket" then
        return { functions = BRACKET, math = true,
            numbers = { "most", "threshold", "rounds" },
            values = { most = s.max or 0.1, threshold = s.threshold, rounds = s.rounds or 15 },
            step = lines [[
if (g != 0).any():
    alpha = bracket(lambda a: LOSS(phi - a*g), most, threshold, rounds)
    phi = phi - alpha*g]] }
    elseif s.method == "backtrack" then
        return { numbers = { "most", "rounds" },
            values = { most = s.max or 1, rounds = s.rounds or 50 },
            step = lines [[
value = LOSS(phi)
for alpha in [most/2**k for k in range(rounds)]:  # halved until the loss falls enough
    if LOSS(phi - alpha*g) <= value - 1e-4*alpha*(g @ g):
        phi = phi - alpha*g
        break]] }
    end
    return { functions = search_functions(s, held), math = true,
        numbers = s.max and { "longest", "rounds" } or { "rounds" },
        values = { longest = s.max, rounds = s.rounds or 50 },
        step = lines(([[
norm = float((g @ g)**0.5)
if norm > 0:
    first = FIRST
    alpha = wolfe(phi, -g, float(LOSS(phi)), g, (DATA), 0.1, first, rounds)
    phi = phi - (alpha or 0)*g]]):gsub("FIRST", s.max and "min(1, 1/norm, longest)"
        or "min(1, 1/norm)")) }
end

function rule.newton(s)
    if s.damping ~= "auto" then
        return { numbers = { "damping" }, hessian = true,
            step = lines "phi = phi - $.linalg.solve(H + damping*$.eye(len(phi)), g)" }
    end
    return { hessian = true, math = true, state = { "damping = 0.0" }, functions = [[
def damped_step(phi, g, H, damping, value):
    """Newton's step with a damping, from a tenth of the last one upwards, for which H +
    damping*I is positive definite and the loss does not rise (Levenberg and Marquardt);
    where H is not definite, for which it falls by half of what the quadratic model promises."""
    before, largest = float(value(phi)), float(abs($.diag(H)).max())
    least = 1e-15*(largest if largest > 0 else 1)

    def definite(M, share):  # fails where M is not; False where a pivot is mere rounding
        return bool(($.diag($.linalg.cholesky(M))**2 > share*$.diag(M)).all())

    try:
        bowl = definite(H, 4*len(phi)*2.0**-52)
    except $.linalg.LinAlgError:
        bowl = False
    damping = 0.0 if damping/10 < least else damping/10
    for _ in range(60):
        try:
            M = H + damping*$.eye(len(phi))
            if definite(M, 0 if bowl else 1e-10):
                step = -$.linalg.solve(M, g)
                fall, rounding = before - float(value(phi + step)), 1e-14*abs(before)
                if fall >= -rounding and (
                        bowl or fall >= -float(step @ (g + H @ step/2))/2 - rounding):
                    return phi + step, damping
        except $.linalg.LinAlgError:
            pass
        damping = least if damping == 0 else 8*damping
    return phi, damping
]], step = lines "phi, damping = damped_step(phi, g, H, damping, lambda p: LOSS(p))" }
end

function rule.bfgs(s, held)
    return { functions = search_functions({}, held), math = true, numbers = { "rounds" },
        values = { rounds = s.rounds },
        state = { "H = None  # the inverse Hessian, as far as known" },
        step = lines [[
value, before = float(LOSS(phi)), phi
d = -g if H is None else -(H @ g)
first = min(1, 1/float((d @ d)**0.5)) if H is None else 1
alpha = wolfe(phi, d, value, g, (DATA), 0.9, first, rounds) if g @ d < 0 else None
if alpha is None and H is not None:  # it has lost its way
    H, d = None, -g
    alpha = wolfe(phi, d, value, g, (DATA), 0.9, min(1, 1/float((d @ d)**0.5)), rounds)
if alpha:
    phi = phi + alpha*d
    s, q = phi - before, limited(GRADIENT(phi)) - g  # how phi and the gradient changed
    if s @ q > 2.2e-16*((s @ s)*(q @ q))**0.5:
        if H is None:
            H = (s @ q)/(q @ q)*$.eye(len(phi))
        Hq = H @ q
        H = (H + (1 + q @ Hq/(s @ q))/(s @ q)*s[:, None]*s
             - (Hq[:, None]*s + s[:, None]*Hq)/(s @ q))]] }
end

function rule.lbfgs(s, held)
    return { functions = [[
def two_loops(g, pairs):
    """-H*g, with the inverse Hessian H that the last pairs s, q tell of."""
    d, weights = -g, []
    for s, q in reversed(pairs):
        weights.append((s @ d)/(s @ q))
        d = d - weights[-1]*q
    if pairs:
        s, q = pairs[-1]
        d = (s @ q)/(q @ q)*d
    for s, q in pairs:
        d = d + (weights.pop() - (q @ d)/(s @ q))*s
    return d


]] .. search_functions({}, held), math = true, numbers = { "memory", "rounds" },
        values = { memory = s.memory, rounds = s.rounds }, state = { "pairs = []" },
        step = lines [[
value, before, d = float(LOSS(phi)), phi, two_loops(g, pairs)
first = 1 if pairs else min(1, 1/float((d @ d)**0.5))
alpha = wolfe(phi, d, value, g, (DATA), 0.9, first, rounds) if g @ d < 0 else None
if alpha is None and pairs:  # they have lost their way
    pairs, d = [], -g
    alpha = wolfe(phi, d, value, g, (DATA), 0.9, min(1, 1/float((d @ d)**0.5)), rounds)
if alpha:
    phi = phi + alpha*d
    s, q = phi - before, limited(GRADIENT(phi)) - g  # how phi and the gradient changed
    if s @ q > 2.2e-16*((s @ s)*(q @ q))**0.5:
        pairs = (pairs + [(s, q)])[-memory:] ]] }
end

-- Rules that treat parameters at their bounds apart, or take the gradient unclipped.
rule.searches = { line_search = true, newton = true, bfgs = true, lbfgs = true }

-- --- PyTorch's own classes, where they compute the very same -------------------------------------

rule.torch = {}

function rule.torch.gd() return "torch.optim.SGD([phi], lr=%(alpha))" end

function rule.torch.momentum(s)
    if s.form ~= "sum" then
        return nil, "torch.optim.SGD has another momentum, m = beta*m + g; here is"
    end
    return "torch.optim.SGD([phi], lr=%(alpha), momentum=%(beta))"
end

function rule.torch.nesterov()
    return nil, "torch.optim.SGD(nesterov=True) keeps the point ahead as its parameters; here is"
end

function rule.torch.adagrad(s)
    return s.epsilon > 0 and "torch.optim.Adagrad([phi], lr=%(alpha), eps=%(epsilon))"
end

function rule.torch.adadelta(s)
    return s.epsilon > 0
        and "torch.optim.Adadelta([phi], lr=%(alpha), rho=%(gamma), eps=%(epsilon))"
end

function rule.torch.rmsprop(s)
    return s.epsilon > 0 and not s.centred
        and "torch.optim.RMSprop([phi], lr=%(alpha), alpha=%(gamma), eps=%(epsilon))"
end

function rule.torch.adam(s)
    if s.bias_correction ~= true or s.epsilon_inside or s.epsilon == 0 then
        return nil, "torch.optim.Adam corrects both means and has epsilon outside the root; here is"
    end
    local more = s.amsgrad and ", amsgrad=True" or ""
    if s.weight_decay > 0 then
        return "torch.optim.AdamW([phi], lr=%(alpha), betas=(%(beta), %(gamma)), eps=%(epsilon),\n"
            .. "                              weight_decay=%(weight_decay)" .. more .. ")"
    end
    return "torch.optim.Adam([phi], lr=%(alpha), betas=(%(beta), %(gamma)), eps=%(epsilon)"
        .. more .. ")"
end

function rule.torch.lbfgs()
    return nil, "torch.optim.LBFGS searches and stops in another way; here is"
end

return rule
