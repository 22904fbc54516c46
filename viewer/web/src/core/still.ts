/** The still part of the picture, kept as colour and depth: what moves over it is drawn alone, at a fraction of the cost. */

import {
  AlwaysDepth,
  type Camera,
  DepthTexture,
  LinearFilter,
  Mesh,
  OrthographicCamera,
  PlaneGeometry,
  Scene,
  ShaderMaterial,
  SRGBColorSpace,
  UnsignedIntType,
  type WebGLRenderer,
  WebGLRenderTarget,
} from "three";

export class Still {
  private target: WebGLRenderTarget | null = null;
  private readonly sheet = new Scene();
  private readonly lens = new OrthographicCamera(-1, 1, 1, -1, 0, 1);
  private readonly material = new ShaderMaterial({
    // The sheet replaces whatever was there.
    depthFunc: AlwaysDepth,
    uniforms: { colors: { value: null }, depths: { value: null } },
    vertexShader: "varying vec2 at; void main() { at = uv; gl_Position = vec4(position.xy, 0.0, 1.0); }",
    fragmentShader: `
      uniform sampler2D colors;
      uniform highp sampler2D depths;
      varying vec2 at;
      void main() {
        gl_FragColor = texture2D(colors, at);
        gl_FragDepth = texture2D(depths, at).r;
        #include <colorspace_fragment>
      }`,
  });

  constructor() {
    const quad = new Mesh(new PlaneGeometry(2, 2), this.material);
    quad.frustumCulled = false;
    this.sheet.add(quad);
  }

  /** Draw the scene into memory, `width` by `height` points, edges smoothed by `samples`. */
  take(renderer: WebGLRenderer, scene: Scene, camera: Camera, width: number, height: number, samples: number): void {
    const fits = this.target && this.target.width === width && this.target.height === height && this.target.samples === samples;
    if (!fits) {
      this.dispose();
      this.target = new WebGLRenderTarget(width, height, {
        samples,
        colorSpace: SRGBColorSpace,
        minFilter: LinearFilter,
        magFilter: LinearFilter,
        depthTexture: new DepthTexture(width, height, UnsignedIntType),
      });
    }
    renderer.setRenderTarget(this.target);
    renderer.clear();
    renderer.render(scene, camera);
    renderer.setRenderTarget(null);
  }

  /** Lay the kept picture, with its depth, under what follows. */
  lay(renderer: WebGLRenderer): void {
    if (!this.target) return;
    this.material.uniforms.colors.value = this.target.texture;
    this.material.uniforms.depths.value = this.target.depthTexture;
    renderer.render(this.sheet, this.lens);
  }

  dispose(): void {
    this.target?.depthTexture?.dispose();
    this.target?.dispose();
    this.target = null;
  }
}
