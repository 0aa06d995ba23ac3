// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CYaml
internal import GibbonSchema

/// The events of a YAML text, from libyaml.
///
/// Owned by one reader; not for sharing between threads.
final class YAMLEvents {
  enum Event {
    /// `isPlain`: neither quoted nor a block, so that its text decides its type.
    case scalar(String, isPlain: Bool, tag: String?, anchor: String?)
    case alias(String)
    case sequenceStart(anchor: String?)
    case mappingStart(anchor: String?)
    case end
    /// The start or end of a document.
    case document
    case streamEnd
  }

  // libyaml keeps pointers to the parser inside the parser, so it needs an address of its own.
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let bytes: UnsafeMutableBufferPointer<UInt8>
  /// Where the last event began.
  private(set) var position = SourceMap.Position(line: 1, column: 1)
  private(set) var error: YAMLError?

  init(_ text: [UInt8]) {
    self.parser = .allocate(capacity: 1)
    self.bytes = .allocate(capacity: text.count)
    _ = self.bytes.initialize(from: text)
    // Safety: the parser is allocated; the input is copied, stays at its address, and both live until deinit.
    if yaml_parser_initialize(self.parser) == 0 {
      self.error = YAMLError("out of memory", at: self.position)
    } else {
      yaml_parser_set_encoding(self.parser, YAML_UTF8_ENCODING)
      yaml_parser_set_input_string(self.parser, UnsafePointer(self.bytes.baseAddress), text.count)
    }
  }

  deinit {
    // Safety: deletes what init made, once; a parser that failed to initialise is zeroed by libyaml.
    yaml_parser_delete(self.parser)
    self.parser.deallocate()
    self.bytes.deallocate()
  }

  /// The next event; nil after an error, which `error` tells.
  func next() -> Event? {
    guard self.error == nil else { return nil }
    var event = yaml_event_t()
    // Safety: libyaml fills the event or reports failure; the event is deleted below, after its texts were copied.
    guard yaml_parser_parse(self.parser, &event) != 0 else {
      self.error = self.parserError()
      return nil
    }
    defer { yaml_event_delete(&event) }
    self.position = Self.position(event.start_mark)
    switch event.type {
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      // Safety: libyaml's value has `length` bytes and lives until the event is deleted.
      let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      guard let text = String(validating: bytes, as: UTF8.self) else {
        self.error = YAMLError("invalid UTF-8", at: self.position)
        return nil
      }
      return .scalar(
        text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE, tag: Self.text(scalar.tag),
        anchor: Self.text(scalar.anchor))
    case YAML_ALIAS_EVENT: return .alias(Self.text(event.data.alias.anchor) ?? "")
    case YAML_SEQUENCE_START_EVENT: return .sequenceStart(anchor: Self.text(event.data.sequence_start.anchor))
    case YAML_MAPPING_START_EVENT: return .mappingStart(anchor: Self.text(event.data.mapping_start.anchor))
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return .end
    case YAML_STREAM_END_EVENT, YAML_NO_EVENT: return .streamEnd
    default: return .document
    }
  }

  private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    // Safety: tags and anchors of libyaml end with a zero byte.
    pointer.map { String(cString: $0) }
  }

  private static func position(_ mark: yaml_mark_t) -> SourceMap.Position {
    SourceMap.Position(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
  }

  private func parserError() -> YAMLError {
    let parser = self.parser.pointee
    // Safety: problem and context are static texts of libyaml.
    let problem = parser.problem.map { String(cString: $0) } ?? "malformed YAML"
    let context = parser.context.map { String(cString: $0) + ": " } ?? ""
    let isReadError = parser.error == YAML_READER_ERROR
    let mark = isReadError ? parser.mark : parser.problem_mark
    return YAMLError(context + problem, at: Self.position(mark))
  }
}

/// Why a text is not YAML, and where.
struct YAMLError: Error, Hashable {
  let message: String
  let position: SourceMap.Position

  init(_ message: String, at position: SourceMap.Position) {
    self.message = message
    self.position = position
  }
}
