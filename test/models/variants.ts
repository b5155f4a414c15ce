/** Backbones that differ from another one in depth, widths or a number alone: what takes long is tried on that one (all of them: npm run parity:passes). */
export const isVariant = (name: string): boolean =>
  /^(vgg(11|13|19)(_bn)?$|vgg16$|resnet(101|152)|resnext101|legacy_se(net154|resnet(101|152)|resnext101)|seresnet(101|152)d?$|seresnext(26|101)d|seresnextaa|resnetrs(?!50$)|cifar_resnet(?!20$)|regnet_y_(1_6|3_2|8|16|32)gf|(tf_)?mobilenetv3_large|mobilenetv3_small|timm_|(tf_)?efficientnet_b[1-7])/.test(
    name,
  );
