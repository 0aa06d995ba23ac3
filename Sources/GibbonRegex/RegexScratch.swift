// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CPCRE2

/// The memory of a search, used again and again: ranges of groups, backtracking stack, limits.
///
/// One per thread (or event loop); never used by two searches at once. A search allocates nothing
/// unless its pattern has more groups than any before it.
// Safety: the pointers are private to this module, made and freed only by this object.
@safe
public final class RegexScratch {
  /// pcre2_match_data; nil only when memory ran out.
  private(set) var matchData: OpaquePointer?
  let context: OpaquePointer?
  private let stack: OpaquePointer?
  private var capacity: Int

  /// How many ranges the last successful search set, the whole match included.
  var rangeCount = 0

  /// What linear searches use, and whether the last one was linear.
  private var linear = LinearMemory()
  private var wasLinear = false

  /// Groups that fit before the first growth.
  private static let initialCapacity = 16
  private static let stackStart = 32 * 1024
  private static let stackMaximum = 512 * 1024
  /// Where there is no machine code, the interpreter keeps its places on the heap.
  private static let heapKilobytes: UInt32 = 2_048

  public init() {
    self.capacity = Self.initialCapacity
    // Safety: pcre2 objects are made by their own constructors; each may be nil and is checked at use.
    unsafe self.matchData = pcre2_match_data_create_8(UInt32(Self.initialCapacity), nil)
    unsafe self.context = pcre2_match_context_create_8(nil)
    unsafe self.stack = pcre2_jit_stack_create_8(Self.stackStart, Self.stackMaximum, nil)
    if let context = unsafe self.context {
      // Safety: both live as long as this object, which frees the context before the stack.
      unsafe pcre2_set_heap_limit_8(context, Self.heapKilobytes)
      if let stack = unsafe self.stack { unsafe pcre2_jit_stack_assign_8(context, nil, UnsafeMutableRawPointer(stack)) }
    }
  }

  deinit {
    // Safety: this object owns all three, they are freed once, and nil is allowed.
    unsafe pcre2_match_data_free_8(self.matchData)
    unsafe pcre2_match_context_free_8(self.context)
    unsafe pcre2_jit_stack_free_8(self.stack)
  }

  /// Makes room for that many ranges.
  func reserve(_ ranges: Int) {
    guard ranges > self.capacity else { return }
    // Safety: the old block is freed once and replaced at once.
    unsafe pcre2_match_data_free_8(self.matchData)
    unsafe self.matchData = pcre2_match_data_create_8(UInt32(truncatingIfNeeded: ranges), nil)
    self.capacity = ranges
  }

  /// Searches in linear time.
  func search(_ program: LinearProgram, _ text: Span<UInt8>, budget: inout RegexBudget) -> RegexOutcome {
    var search = LinearSearch(program, in: text)
    let outcome = search.run(&self.linear, budget: &budget)
    self.wasLinear = true
    self.rangeCount = program.slotCount / 2
    return outcome
  }

  /// The next search is one by backtracking.
  func forgetLinear() { self.wasLinear = false }

  /// The bytes that a group matched in the last successful search: group 0 is the whole match; nil
  /// when the group took no part or does not exist.
  public func range(ofGroup group: Int) -> Range<Int>? {
    guard group >= 0, group < self.rangeCount else { return nil }
    if self.wasLinear {
      let (lower, upper) = (Int(self.linear.found[2 &* group]), Int(self.linear.found[2 &* group &+ 1]))
      return lower >= 0 && lower <= upper ? lower..<upper : nil
    }
    guard let data = unsafe self.matchData else { return nil }
    // Safety: the vector has at least `rangeCount` pairs, as the search that set it said.
    let vector = unsafe pcre2_get_ovector_pointer_8(data)
    guard let vector = unsafe vector else { return nil }
    let lower = unsafe vector[2 &* group]
    let upper = unsafe vector[2 &* group &+ 1]
    // Unset groups hold -1; \K may put the end before the start.
    guard lower >= 0, lower <= upper else { return nil }
    return lower..<upper
  }
}
