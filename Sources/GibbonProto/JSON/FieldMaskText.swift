// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// `google.protobuf.FieldMask` as JSON has it: paths in lowerCamelCase, with commas.
enum FieldMaskText {
  static func text(_ paths: [String]) -> String {
    paths.map { path in
      path.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        .map { ProtoLinker.camelCase(String(decoding: Array($0), as: UTF8.self)) }.joined(separator: ".")
    }.joined(separator: ",")
  }

  static func paths(_ text: String) -> [String] {
    text.utf8.split(separator: UInt8(ascii: ",")).map { path in
      var output: [UInt8] = []
      for byte in path {
        if (byte &- 0x41) < 26 { output.append(UInt8(ascii: "_")) }
        output.append(byte.asciiLowercased)
      }
      return String(decoding: output, as: UTF8.self)
    }
  }
}
