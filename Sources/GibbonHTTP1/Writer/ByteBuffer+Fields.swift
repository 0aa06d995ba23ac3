// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore

/// `Name: value` CRLF, from whatever the caller has. The parts are appended at once: each append of its own asks
/// whether the memory is shared and large enough.
extension ByteBuffer {
  /// Bytes of a field besides its name and value.
  @inlinable static var fieldFraming: Int { 4 }

  @inlinable
  public mutating func appendField(_ name: StaticString, _ value: StaticString) {
    self.append(upTo: name.utf8CodeUnitCount &+ value.utf8CodeUnitCount &+ Self.fieldFraming) { output in
      output.append(name)
      output.append(": ")
      output.append(value)
      output.append("\r\n")
    }
  }

  @inlinable
  public mutating func appendField(_ name: StaticString, _ value: borrowing Span<UInt8>) {
    let value = copy value
    self.append(upTo: name.utf8CodeUnitCount &+ value.count &+ Self.fieldFraming) { output in
      output.append(name)
      output.append(": ")
      output.append(copying: value)
      output.append("\r\n")
    }
  }

  @inlinable
  public mutating func appendField(_ name: StaticString, _ value: Int) {
    self.append(upTo: name.utf8CodeUnitCount &+ 20 &+ Self.fieldFraming) { output in
      output.append(name)
      output.append(": ")
      output.append(decimal: value)
      output.append("\r\n")
    }
  }

  /// Checked: see `HeadWriter`.
  public mutating func appendField(_ name: StaticString, _ value: String) {
    self.append(name)
    self.append(": ")
    self.appendFieldText(value)
    self.append("\r\n")
  }

  /// Checked likewise, with more at the end of the value.
  public mutating func appendField(_ name: StaticString, _ value: String, _ end: [UInt8]) {
    self.append(name)
    self.append(": ")
    self.appendFieldText(value)
    self.append(end)
    self.append("\r\n")
  }

  /// A field of another head, as it was.
  @inlinable
  public mutating func appendField(_ name: borrowing Span<UInt8>, _ value: borrowing Span<UInt8>) {
    let (name, value) = (copy name, copy value)
    self.append(upTo: name.count &+ value.count &+ Self.fieldFraming) { output in
      output.append(copying: name)
      output.append(": ")
      output.append(copying: value)
      output.append("\r\n")
    }
  }

  /// A field of another head, with more at the end of its value.
  public mutating func appendField(_ name: borrowing Span<UInt8>, _ value: borrowing Span<UInt8>, _ end: [UInt8]) {
    self.append(name)
    self.append(": ")
    self.append(value)
    self.append(end)
    self.append("\r\n")
  }

  /// The value is checked: see `HeadWriter`.
  public mutating func appendField(_ name: borrowing Span<UInt8>, _ value: String) {
    self.append(name)
    self.append(": ")
    self.appendFieldText(value)
    self.append("\r\n")
  }

  /// Both are checked: see `HeadWriter`.
  public mutating func appendField(_ name: String, _ value: String) {
    self.appendFieldName(name)
    self.append(": ")
    self.appendFieldText(value)
    self.append("\r\n")
  }

  /// Text as a field name: bytes that are not of a token are percent-encoded.
  public mutating func appendFieldName(_ name: String) {
    for byte in name.utf8 {
      if ByteSet.token.contains(byte) {
        self.append(byte)
      } else {
        self.appendEscape(byte)
      }
    }
  }

  /// Text as (part of) a field value: control bytes other than HTAB are percent-encoded.
  public mutating func appendFieldText(_ text: String) {
    for byte in text.utf8 {
      if byte.isPlainText || byte == .tab {
        self.append(byte)
      } else {
        self.appendEscape(byte)
      }
    }
  }

  private mutating func appendEscape(_ byte: UInt8) {
    self.append(UInt8(ascii: "%"))
    for digit in [byte >> 4, byte & 0xF] {
      self.append(digit.upperHexDigit)
    }
  }
}
