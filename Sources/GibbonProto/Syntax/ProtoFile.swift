// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// One `.proto` file as it is written: names are not resolved yet.
struct ProtoFile: Sendable {
  struct Import: Sendable {
    let path: String
    let line: Int
  }

  let path: String
  /// Whether fields have presence only where they say so (proto3).
  var isProto3 = false
  var package = ""
  var imports: [Import] = []
  var messages: [MessageDeclaration] = []
  var enums: [EnumDeclaration] = []
  var services: [ServiceDeclaration] = []
}

struct MessageDeclaration: Sendable {
  let name: String
  let line: Int
  var fields: [FieldDeclaration] = []
  var oneofs: [String] = []
  var messages: [MessageDeclaration] = []
  var enums: [EnumDeclaration] = []
}

struct FieldDeclaration: Sendable {
  enum Label: Sendable { case none, optional, required, repeated }

  let name: String
  let number: UInt64
  /// As written: a scalar's name, or that of a message or an enum.
  let type: String
  /// Of a map: the type of its keys; `type` then is that of the values.
  var keyType: String?
  var label = Label.none
  /// Position in the message's list.
  var oneof: Int?
  var options: [OptionDeclaration] = []
  let line: Int
}

struct EnumDeclaration: Sendable {
  struct Value: Sendable {
    let name: String
    let number: Int32
  }

  let name: String
  let line: Int
  var values: [Value] = []
  var options: [OptionDeclaration] = []
}

struct ServiceDeclaration: Sendable {
  let name: String
  let line: Int
  var methods: [MethodDeclaration] = []
}

struct MethodDeclaration: Sendable {
  let name: String
  let input: String
  let output: String
  let isClientStreaming: Bool
  let isServerStreaming: Bool
  var options: [OptionDeclaration] = []
  let line: Int
}

/// `option (google.api.http).get = "/v1";`: the name is `["(google.api.http)", "get"]`.
struct OptionDeclaration: Sendable {
  let name: [String]
  let value: OptionValue
  let line: Int
}

/// The value of an option, in protobuf's text format.
indirect enum OptionValue: Sendable {
  struct Member: Sendable {
    let name: String
    let value: OptionValue
    let line: Int
  }

  case identifier(String)
  case integer(UInt64, isNegative: Bool)
  case float(Double)
  case string([UInt8])
  case list([OptionValue])
  case aggregate([Member])
}
