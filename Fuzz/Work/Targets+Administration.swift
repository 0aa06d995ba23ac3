// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonSchema

/// Bodies, queries and names that the Admin API reads, with the checks of a schema and the words of its refusals.
extension Target {
  static let ofAdministration: [Target] = [
    Target(
      name: "json", stepsPerByte: 50,
      seeds: [#"{"a":[1,2.5e3,"x\u00e9"],"b":{"c":null},"a":true}"#, "[[[[[[", #""\ud83d\ude00""#],
      run: { _ = JSONParser.parse($0) }),
    Target(
      name: "admin json", stepsPerByte: 600, baseSteps: 60_000,
      seeds: [
        #"{"name":"a","tags":["x","y"],"healthchecks":{"active":{"headers":{"a":["b"]},"http_path":"/"}},"slots":10}"#,
        #"{"a":1,"b":{"c":[{}]},"healthchecks":{"x":1,"active":{"y":{}}},"tags":[1,2,{}]}"#, #"{"":""}"#,
      ],
      run: { Target.store($0, "application/json", UpstreamsSchema.schema) }),
    Target(
      name: "admin form", stepsPerByte: 800, baseSteps: 120_000,
      seeds: [
        "name=a&tags[]=x&tags[1]=y&healthchecks.active.headers.a[]=b&slots=10", "a.b.c[1].d=1&a[b]=2&a=3&=&&a",
        "hosts=a,b,c&paths[1]=/x&headers.x=1&headers.x=2", "a.a.a.a.a.a.a.a.a=0x1p4&b=1e999&c=%zz%2e",
      ],
      run: { text in
        for schema in [UpstreamsSchema.schema, RoutesSchema.schema] {
          Target.store(text, "application/x-www-form-urlencoded", schema)
        }
      }),
    Target(
      name: "admin multipart", stepsPerByte: 800, baseSteps: 60_000,
      seeds: [
        "--B\r\nContent-Disposition: form-data; name=\"tags[]\"\r\n\r\nx\r\n--B--\r\n",
        "--B\r\nContent-Disposition: form-data; name=\"a\\\"b\"; filename=x\r\n\r\n--B\r\n\r\n\r\n--B",
      ],
      run: { Target.store($0, "multipart/form-data; boundary=B", UpstreamsSchema.schema) }),
    Target(
      name: "admin query", stepsPerByte: 200, seeds: ["size=1&tags=a,b/c&offset=x", "&&&=&a&a=b=c%zz+%2B"],
      run: { text in
        guard let query = try? QueryArguments.parse(String(decoding: text, as: UTF8.self)).get() else { return }
        _ = query.first("offset")
        _ = ContentType(String(decoding: text, as: UTF8.self))
      }),
  ]

  /// What a POST does before it asks the datastore.
  private static func store(_ body: [UInt8], _ type: String, _ schema: EntitySchema) {
    guard let object = try? BodyReader.read(contentType: type, bytes: body, schema: schema).get() else { return }
    switch Validator(now: 0).validate(object: object, as: schema) {
    case .success(let entity): _ = JSONValue.object(entity).serialized()
    case .failure(let failure): _ = (failure.message, failure.tree.json)
    }
  }
}
