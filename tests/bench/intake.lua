-- Sends notices that were signed beforehand, each once. BENCH_NOTICES: lines of "event id, signature header".
local lines, place, path = {}, 0, os.getenv("BENCH_PATH")
local head, tail = os.getenv("BENCH_HEAD"), os.getenv("BENCH_TAIL")
for line in io.lines(os.getenv("BENCH_NOTICES")) do lines[#lines + 1] = line end
request = function()
  place = place + 1
  local id, signature = string.match(lines[(place - 1) % #lines + 1], "(%S+) (%S+)")
  local headers = { ["Stripe-Signature"] = signature, ["Content-Type"] = "application/json" }
  return wrk.format("POST", path, headers, head .. id .. tail)
end
done = function(summary)
  if place > #lines then io.write("TOO FEW NOTICES\n") end
end
