// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Glibc

@_silgen_name("gibbon_steps") func steps() -> UInt64

@main
enum Work {
  static func main() {
    let arguments = CommandLine.arguments
    let runs = arguments.count > 1 ? Int(arguments[1]) ?? 2000 : 2000
    let seed = arguments.count > 2 ? UInt64(arguments[2]) ?? 1 : 1
    var hasFailed = false
    for target in Target.all { hasFailed = !Self.measure(target, runs: runs, seed: seed) || hasFailed }
    if hasFailed { exit(1) }
  }

  private static func measure(_ target: Target, runs: Int, seed: UInt64) -> Bool {
    var inputs = Inputs(seed: seed)
    let seeds = target.seeds.map { Array($0.utf8) }
    // What is made once, such as a schema, is not the cost of an input.
    for seed in seeds { target.run(seed) }
    var worst = (perByte: 0.0, input: [UInt8]())
    for run in 0..<(runs + seeds.count) {
      let input = run < seeds.count ? seeds[run] : inputs.make(from: seeds)
      let before = steps()
      target.run(input)
      let count = Int(steps() - before)
      let perByte = Double(max(0, count - target.baseSteps)) / Double(max(1, input.count))
      if perByte > worst.perByte { worst = (perByte, input) }
    }
    let isWithin = worst.perByte <= Double(target.stepsPerByte)
    print("== \(target.name): \(Int(worst.perByte)) steps for a byte at most, \(target.stepsPerByte) allowed")
    if !isWithin {
      let shown = String(decoding: worst.input.prefix(300), as: UTF8.self).debugDescription
      print("   \(worst.input.count) bytes: \(shown)")
    }
    return isWithin
  }
}
