// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Files that everybody imports and few have: those of protobuf itself, and those that only declare options.
enum BuiltInFiles {
  /// Loaded whether or not somebody imports them: what errors of services may hold.
  static let always = [
    (path: "google/protobuf/any.proto", package: "google.protobuf", message: "Any"),
    (path: "google/rpc/status.proto", package: "google.rpc", message: "Status"),
  ]

  /// Whether the file is this one even where a folder has another.
  static func isFixed(_ path: String) -> Bool {
    if path == "google/protobuf/descriptor.proto" { return false }
    return path.utf8.starts(with: "google/protobuf/".utf8) || path == "google/api/annotations.proto"
      || path == "google/api/http.proto"
  }

  static func text(of path: String) -> [UInt8]? {
    if self.declaringOptions.contains(path) { return Array("syntax = \"proto3\";".utf8) }
    return self.texts[path].map { Array($0.utf8) }
  }

  /// Only extensions of options stand in them, which change nothing here.
  private static let declaringOptions: Set<String> = [
    "google/api/annotations.proto", "google/api/client.proto", "google/api/field_behavior.proto",
    "google/api/resource.proto", "google/api/visibility.proto", "google/protobuf/cpp_features.proto",
    "protoc-gen-openapiv2/options/annotations.proto", "protoc-gen-swagger/options/annotations.proto",
  ]

  private static let texts: [String: String] = [
    "google/protobuf/any.proto": Self.file("message Any { string type_url = 1; bytes value = 2; }"),
    "google/protobuf/duration.proto": Self.file("message Duration { int64 seconds = 1; int32 nanos = 2; }"),
    "google/protobuf/empty.proto": Self.file("message Empty {}"),
    "google/protobuf/field_mask.proto": Self.file("message FieldMask { repeated string paths = 1; }"),
    "google/protobuf/source_context.proto": Self.file("message SourceContext { string file_name = 1; }"),
    "google/protobuf/timestamp.proto": Self.file("message Timestamp { int64 seconds = 1; int32 nanos = 2; }"),
    "google/protobuf/struct.proto": Self.file(Self.structures),
    "google/protobuf/wrappers.proto": Self.file(Self.wrappers),
    "google/protobuf/descriptor.proto": Self.file(Self.options),
    "google/api/http.proto": Self.file(Self.http, package: "google.api"),
    "google/api/httpbody.proto": Self.file(
      "message HttpBody { string content_type = 1; bytes data = 2; repeated google.protobuf.Any extensions = 3; }",
      package: "google.api", imports: ["google/protobuf/any.proto"]),
    "google/rpc/status.proto": Self.file(
      "message Status { int32 code = 1; string message = 2; repeated google.protobuf.Any details = 3; }",
      package: "google.rpc", imports: ["google/protobuf/any.proto"]),
  ]

  private static func file(
    _ text: String, package: String = "google.protobuf", imports: [String] = []
  ) -> String {
    "syntax = \"proto3\"; package \(package);" + imports.map { "import \"\($0)\";" }.joined() + text
  }

  private static let structures = """
    message Struct { map<string, Value> fields = 1; }
    message Value {
      oneof kind {
        NullValue null_value = 1;
        double number_value = 2;
        string string_value = 3;
        bool bool_value = 4;
        Struct struct_value = 5;
        ListValue list_value = 6;
      }
    }
    enum NullValue { NULL_VALUE = 0; }
    message ListValue { repeated Value values = 1; }
    """

  private static let wrappers = """
    message DoubleValue { double value = 1; }
    message FloatValue { float value = 1; }
    message Int64Value { int64 value = 1; }
    message UInt64Value { uint64 value = 1; }
    message Int32Value { int32 value = 1; }
    message UInt32Value { uint32 value = 1; }
    message BoolValue { bool value = 1; }
    message StringValue { string value = 1; }
    message BytesValue { bytes value = 1; }
    """

  /// Messages that files extend by options of their own.
  private static let options = """
    message FileOptions {} message MessageOptions {} message FieldOptions {} message OneofOptions {}
    message EnumOptions {} message EnumValueOptions {} message ServiceOptions {} message MethodOptions {}
    """

  private static let http = """
    message Http { repeated HttpRule rules = 1; bool fully_decode_reserved_expansion = 2; }
    message HttpRule {
      string selector = 1;
      oneof pattern {
        string get = 2; string put = 3; string post = 4; string delete = 5; string patch = 6;
        CustomHttpPattern custom = 8;
      }
      string body = 7;
      string response_body = 12;
      repeated HttpRule additional_bindings = 11;
    }
    message CustomHttpPattern { string kind = 1; string path = 2; }
    """
}
