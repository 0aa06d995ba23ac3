// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CPCRE2
internal import Synchronization

/// A compiled regular expression: Perl syntax by PCRE2, over bytes, compiled to machine code.
///
/// A search begins with the machine code, which backtracks, under a small limit. Where that is met, a pattern of the
/// regular kind (`LinearParser`) is searched by `LinearSearch` in linear time; one with look-around, back-references
/// and the like is given up at a higher limit (`RegexOutcome.limitExceeded`). See docs/decisions/0011.
///
/// Immutable, so it may be searched with from many threads at once, each with its own scratch.
/// `(?<name>…)` and `(?P<name>…)` both name a group. A text is bytes, not characters: `.` is one
/// byte and `\d`, `\w` know ASCII only. A pattern cannot switch UTF mode on.
// Safety: the compiled code is never written after `compile`; PCRE2 documents it as shareable. The linear form guards
// itself.
@safe
public final class Regex: @unchecked Sendable {
  public struct Options: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Letters match in either case (ASCII).
    public static let caseInsensitive = Options(rawValue: 1)

    /// A match begins at the first byte.
    public static let anchored = Options(rawValue: 2)

    /// `$` means the very end of the text, not also before a final line feed (as in Rust's engine).
    public static let dollarEndOnly = Options(rawValue: 4)
  }

  /// Backtracking steps of one search with a pattern that has no linear form; Kong's traditional router uses the same
  /// number. It bounds a search on any text to well under a millisecond or so.
  public static let matchLimit: UInt32 = 10_000

  /// The longest pattern accepted, in bytes.
  public static let patternLimit = 65_536

  public let pattern: String

  /// Groups without the whole match.
  public let groupCount: Int

  /// Names of groups in the order of their numbers.
  public let groupNames: [(name: String, group: Int)]

  /// A match can only begin at the first byte.
  let startsOnce: Bool

  private let options: Options

  /// The pattern for `LinearSearch`, made when it is needed first: most patterns never need it.
  private let program = Mutex(Program.unknown)

  private enum Program: Sendable {
    case unknown
    case known(LinearProgram)
    /// The pattern is not of the regular kind.
    case irregular
  }

  private let code: OpaquePointer
  private let hasMachineCode: Bool

  private init(pattern: String, options: Options, code: OpaquePointer) {
    self.pattern = pattern
    self.options = options
    unsafe self.code = unsafe code
    // Safety: `code` is a compiled pattern. When the machine cannot compile it further, the interpreter runs it.
    self.hasMachineCode = unsafe pcre2_jit_compile_8(code, PCRE2_JIT_COMPLETE) == 0
    var groups: UInt32 = 0
    // Safety: PCRE2_INFO_CAPTURECOUNT writes one UInt32.
    _ = unsafe pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_CAPTURECOUNT), &groups)
    self.groupCount = Int(groups)
    self.groupNames = unsafe Self.names(code)
    var flags: UInt32 = 0
    // Safety: PCRE2_INFO_ALLOPTIONS writes one UInt32.
    _ = unsafe pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_ALLOPTIONS), &flags)
    self.startsOnce = flags & UInt32(PCRE2_ANCHORED) != 0
  }

  /// The pattern for `LinearSearch`; nil when it is not of the regular kind.
  var linear: LinearProgram? {
    self.program.withLock { program -> LinearProgram? in
      switch program {
      case .known(let linear): return linear
      case .irregular: return nil
      case .unknown:
        let linear = LinearProgram(self.pattern, options: self.options, startsOnce: self.startsOnce)
        program = linear.map { .known($0) } ?? .irregular
        return linear
      }
    }
  }

  /// Whether searches take time in proportion to the text, whatever it is.
  public var isLinear: Bool { self.linear != nil }

  deinit {
    // Safety: this object is the only owner of the code.
    unsafe pcre2_code_free_8(self.code)
  }

  /// Compiles a pattern.
  /// - Throws: what is wrong with the pattern, and at which byte.
  public static func compile(_ pattern: String, options: Options = []) throws(RegexError) -> Regex {
    let bytes = Array(pattern.utf8)
    guard bytes.count <= Self.patternLimit else {
      throw RegexError(message: "pattern is longer than \(Self.patternLimit) bytes", offset: Self.patternLimit)
    }
    var flags = UInt32(PCRE2_NEVER_UTF) | UInt32(PCRE2_NEVER_UCP) | UInt32(PCRE2_NEVER_BACKSLASH_C)
    if options.contains(.caseInsensitive) { flags |= UInt32(PCRE2_CASELESS) }
    if options.contains(.anchored) { flags |= UInt32(PCRE2_ANCHORED) }
    if options.contains(.dollarEndOnly) { flags |= UInt32(PCRE2_DOLLAR_ENDONLY) }
    var failure: Int32 = 0
    var offset = 0
    // Safety: the pointer and the length describe `bytes`, which outlives the call; PCRE2 copies.
    let code = unsafe bytes.withUnsafeBufferPointer { buffer in
      unsafe pcre2_compile_8(buffer.baseAddress ?? Self.nothing, buffer.count, flags, &failure, &offset, nil)
    }
    guard let code = unsafe code else {
      throw RegexError(message: Self.message(failure), offset: min(offset, bytes.count))
    }
    return unsafe Regex(pattern: pattern, options: options, code: code)
  }

  // Safety: a StaticString's bytes are immortal; read zero bytes long only.
  private static var nothing: UnsafePointer<UInt8> {
    let empty: StaticString = ""
    return unsafe empty.utf8Start
  }

  /// Runs the machine code, with a limit of backtracking steps for each place at which a match may begin.
  func backtrack(_ text: Span<UInt8>, scratch: RegexScratch, limit: UInt32) -> RegexOutcome {
    scratch.reserve(self.groupCount &+ 1)
    guard let data = unsafe scratch.matchData, let context = unsafe scratch.context else { return .limitExceeded }
    // Safety: the pointer is used inside the closure that lends it, with its own length; `data` has
    // room for every group and is used by one search at a time, as the scratch's owner promises. The
    // fast entry is legal because machine code exists and UTF mode is impossible.
    let status = unsafe text.withUnsafeBufferPointer { buffer in
      let start = unsafe buffer.baseAddress ?? Self.nothing
      unsafe pcre2_set_match_limit_8(context, limit)
      if self.hasMachineCode {
        return unsafe pcre2_jit_match_8(self.code, start, buffer.count, 0, 0, data, context)
      }
      return unsafe pcre2_match_8(self.code, start, buffer.count, 0, 0, data, context)
    }
    if status > 0 {
      scratch.rangeCount = Int(status)
      return .matched
    }
    // Everything else is some limit: of steps, of the stack, of memory.
    return status == PCRE2_ERROR_NOMATCH ? .noMatch : .limitExceeded
  }

  private static func message(_ code: Int32) -> String {
    var buffer = [UInt8](repeating: 0, count: 256)
    // Safety: the length given is the buffer's own.
    let count = unsafe buffer.withUnsafeMutableBufferPointer {
      unsafe pcre2_get_error_message_8(code, $0.baseAddress, $0.count)
    }
    return String(decoding: buffer.prefix(max(0, Int(count))), as: UTF8.self)
  }

  /// Reads PCRE2's table of names: per entry two bytes of group number, then the name, zero filled.
  private static func names(_ code: OpaquePointer) -> [(name: String, group: Int)] {
    var count: UInt32 = 0
    var size: UInt32 = 0
    var table: UnsafePointer<UInt8>?
    // Safety: each call writes a value of the type that PCRE2 documents for that question.
    _ = unsafe pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_NAMECOUNT), &count)
    _ = unsafe pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_NAMEENTRYSIZE), &size)
    _ = unsafe pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_NAMETABLE), &table)
    guard count > 0, size > 3, let table = unsafe table else { return [] }
    // Safety: the table is count × size bytes and lives as long as the code.
    let bytes = unsafe Array(UnsafeBufferPointer(start: table, count: Int(count) * Int(size)))
    return (0..<Int(count)).map { entry in
      let start = entry * Int(size)
      let name = bytes[(start + 2)..<(start + Int(size))].prefix { $0 != 0 }
      return (String(decoding: name, as: UTF8.self), Int(bytes[start]) << 8 | Int(bytes[start + 1]))
    }
    .sorted { $0.1 < $1.1 }
  }
}
